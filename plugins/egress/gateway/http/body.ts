import { once } from "node:events";
import { pipeline, type Duplex, type Readable } from "node:stream";

/**
 * What comes out when a body runs through the streams, each at the pace of the next. The body's end or failure is passed on; a
 * failure of one destroys all.
 */
export function through(body: Readable, streams: readonly Duplex[]): Readable {
  const last = streams.at(-1);
  if (!last) return body;
  pipeline([body, ...streams], () => {}); // a failure destroys the last, whose reader hears of it
  return last;
}

/** Waits until a stream has its first byte or its end; throws when it fails instead. */
export async function begun(stream: Readable): Promise<void> {
  if (stream.readableLength === 0 && !stream.readableEnded) await once(stream, "readable");
}
