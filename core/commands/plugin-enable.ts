import type { Invocation } from "./command.ts";
import { switchPlugin } from "./switch-plugin.ts";

/** `cloche plugin enable`. */
export default async function enablePlugin(invocation: Invocation): Promise<number> {
  return await switchPlugin(invocation, true);
}
