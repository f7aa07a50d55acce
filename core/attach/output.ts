import type { Readable, Writable } from "node:stream";
import type { Screen } from "./screen.ts";

/** Who is told of an output that takes nothing more, and the screen that the output goes to, if it does. */
export interface Pouring {
  failed(error: Error): void;
  readonly screen?: Pick<Screen, "pass" | "end" | "settle"> | undefined;
}

/**
 * Passes a command's output on, at the speed at which the sink takes it, and answers when the sink has taken the last byte. When
 * the sink fails, the rest is read and thrown away, so that the command does not wait for ever.
 */
export async function pour(source: Readable, sink: Writable, { failed, screen }: Pouring): Promise<void> {
  let broken = false;
  const onError = (error: Error): void => {
    if (broken) return;
    broken = true;
    failed(error);
  };
  sink.on("error", onError); // stays: the error of the last write may come after the command's end
  let written = Promise.resolve();
  const write = (bytes: Buffer): boolean => {
    let flows = true;
    written = new Promise((resolve) => {
      flows = sink.write(bytes, () => resolve());
    });
    return flows;
  };
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      if (broken) continue;
      const bytes = screen ? screen.pass(chunk) : chunk;
      const flows = bytes.length === 0 || write(bytes);
      screen?.settle();
      if (!flows) await Promise.race([written, takesMore(sink)]);
    }
    const rest = screen?.end();
    if (rest && rest.length > 0 && !broken) write(rest);
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
