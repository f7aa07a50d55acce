import { pairs } from "./headers.ts";

// what may not stand behind a body (RFC 9110 6.5.1): a later reader could take it for the head
const FORBIDDEN = /^(authorization|cache-control|connection|content-.*|cookie|expect|host|keep-alive|max-forwards|proxy-.*|set-cookie|te|trailer|transfer-encoding|upgrade)$/i;
const WRITABLE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The fields behind a body that may be passed on. */
export function trailersOf(raw: readonly string[]): [string, string][] {
  return pairs(raw).filter(([name, value]) => !FORBIDDEN.test(name) && WRITABLE.test(value)).map(([name, value]) => [name, value]);
}
