import type { Transform } from "node:stream";
import * as zlib from "node:zlib";

// Node 22.15 and later; its types know it
const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Transform };

const DECODERS: Readonly<Record<string, (() => Transform) | undefined>> = {
  gzip: () => zlib.createGunzip(),
  "x-gzip": () => zlib.createGunzip(),
  deflate: () => zlib.createInflate(),
  br: () => zlib.createBrotliDecompress(),
  zstd: createZstdDecompress,
};

/** The encodings that we can look into, as an Accept-Encoding; of the client's own wishes only these go to the host. */
export function readable(accepted: string | undefined): string {
  const wanted = (accepted ?? "").split(",").map((each) => each.trim().split(";")[0]?.toLowerCase() ?? "");
  // not deflate, which servers send with and without its wrapping
  const known = wanted.filter((name) => name === "identity" || (name !== "deflate" && Object.hasOwn(DECODERS, name) && DECODERS[name] !== undefined));
  return known.length > 0 ? known.join(", ") : "identity";
}

/** What takes a message's encodings off, the last one first; undefined when one of them is not known. */
export function decodersFor(contentEncoding: string | undefined): readonly Transform[] | undefined {
  const names = (contentEncoding ?? "").split(",").map((each) => each.trim().toLowerCase()).filter((each) => each !== "" && each !== "identity");
  const makers = names.reverse().map((name) => (Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined));
  return makers.every((make) => make !== undefined) ? makers.map((make) => make()) : undefined;
}
