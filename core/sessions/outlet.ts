import { Readable } from "node:stream";
import type { Sink } from "./incoming.ts";

const BUFFER_BYTES = 64 * 1024;

/** A stream to read from, and the sink that fills it at the speed at which it is read. What comes after it was given up is dropped. */
export function outlet(): { readonly stream: Readable; readonly sink: Sink } {
  const waiting: (() => void)[] = [];
  const go = (): void => {
    for (const done of waiting.splice(0)) done();
  };
  const stream = new Readable({
    highWaterMark: BUFFER_BYTES,
    read: go,
    destroy: (error, done) => {
      go();
      done(error);
    },
  });
  const sink: Sink = (bytes, done) => {
    if (stream.destroyed) done();
    else if (bytes === undefined) stream.push(null);
    else if (stream.push(bytes)) done();
    else waiting.push(done);
  };
  return { stream, sink };
}
