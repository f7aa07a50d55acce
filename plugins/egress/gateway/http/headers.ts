/** Headers that mean one connection only (RFC 9110 7.6.1), or that we answer ourselves. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection", "http2-settings", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
  "transfer-encoding", "upgrade",
]);

/** Headers that a message may not declare to be meant for one connection only, since its meaning hangs on them. */
const ALWAYS_KEPT: ReadonlySet<string> = new Set(["host", "content-length"]);

/** Headers that say where a message ends or whom it is for; they are written anew, whatever a part made of them. */
const OURS: ReadonlySet<string> = new Set([...HOP_BY_HOP, "content-length", "host"]);

/** The headers to pass on, names and values in turn, in their order and spelling. */
export function passedOn(rawHeaders: readonly string[]): string[] {
  const headers = pairs(rawHeaders);
  const nominated = headers
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, value]) => value.toLowerCase().split(",").map((token) => token.trim()));
  const dropped = new Set([...HOP_BY_HOP, ...nominated.filter((name) => !ALWAYS_KEPT.has(name))]);
  return headers.filter(([name]) => !dropped.has(name.toLowerCase())).flat();
}

/** The headers of a request as parts see them: what goes to the host, without its Host. */
export function forwarded(rawHeaders: readonly string[]): string[] {
  return pairs(passedOn(rawHeaders)).filter(([name]) => name.toLowerCase() !== "host").flat();
}

/** Header fields without those that are written anew. */
export function withoutOurs(raw: readonly string[]): string[] {
  return pairs(raw).filter(([name]) => !OURS.has(name.toLowerCase())).flat();
}

/** Names and values in turn, as pairs. */
export function pairs(raw: readonly string[]): (readonly [string, string])[] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ""] as const] : []));
}

/** The headers of a request that goes to the host: the Host in its canonical form, the framing as given, the rest as it is. */
export function forHost(raw: readonly string[], host: string, framing: readonly string[]): string[] {
  return ["Host", host, ...withoutOurs(raw), ...framing];
}
