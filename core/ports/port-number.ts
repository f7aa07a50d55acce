import { fail } from "./failures.ts";

/** The number of a port as it was typed, from `least` on; throws PORT_INVALID. */
export function portNumber(text: string, least = 1): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < least || port > 65_535) throw fail("PORT_INVALID", { text });
  return port;
}
