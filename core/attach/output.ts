import type { Readable, Writable } from "node:stream";

/** Somebody who is told of an output that takes nothing more, and may look at what passes. */
export interface OutputWatch {
  failed(error: Error): void;
  saw?(chunk: Buffer): void;
}

/**
 * Passes a command's output on, at the speed at which the sink takes it, and answers when the sink has taken the last byte. When
 * the sink fails, the rest is read and thrown away, so that the command does not wait for ever.
 */
export async function pour(source: Readable, sink: Writable, watch: OutputWatch): Promise<void> {
  let broken = false;
  const onError = (error: Error): void => {
    if (broken) return;
    broken = true;
    watch.failed(error);
  };
  sink.on("error", onError); // stays: the error of the last write may come after the command's end
  let written = Promise.resolve();
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      if (broken) continue;
      watch.saw?.(chunk);
      let flows = true;
      written = new Promise((resolve) => {
        flows = sink.write(chunk, () => resolve());
      });
      if (!flows) await Promise.race([written, takesMore(sink)]);
    }
  } catch {
    return; // given up: whoever closed the channel knows why
  }
  await written;
}

async function takesMore(sink: Writable): Promise<void> {
  if (sink.destroyed || !sink.writableNeedDrain) return;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      sink.off("drain", go).off("close", go).off("error", go);
      resolve();
    };
    sink.on("drain", go).on("close", go).on("error", go);
  });
}
