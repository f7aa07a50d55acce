/** Headers that mean one connection only (RFC 9110 7.6.1), or that we answer ourselves. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection", "expect", "http2-settings", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
  "trailer", "transfer-encoding", "upgrade",
]);

/** Headers that a message may not declare to be meant for one connection only, since its meaning hangs on them. */
const ALWAYS_KEPT: ReadonlySet<string> = new Set(["host", "content-length"]);

/** The headers to pass on, names and values in turn, in their order and spelling. */
export function passedOn(rawHeaders: readonly string[]): string[] {
  const headers = pairs(rawHeaders);
  const nominated = headers
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, value]) => value.toLowerCase().split(",").map((token) => token.trim()));
  const dropped = new Set([...HOP_BY_HOP, ...nominated.filter((name) => !ALWAYS_KEPT.has(name))]);
  return headers.filter(([name]) => !dropped.has(name.toLowerCase())).flat();
}

/** The headers of a request that goes to the host, the Host in its canonical form. */
export function forHost(rawHeaders: readonly string[], host: string, chunked: boolean): string[] {
  const kept = pairs(passedOn(rawHeaders)).filter(([name]) => name.toLowerCase() !== "host").flat();
  return ["Host", host, ...kept, ...(chunked ? ["Transfer-Encoding", "chunked"] : [])];
}

function pairs(rawHeaders: readonly string[]): (readonly [string, string])[] {
  return rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ""] as const] : []));
}
