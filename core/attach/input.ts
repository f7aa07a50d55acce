import type { Writable } from "node:stream";
import type { LocalInput } from "./terminal.ts";

/**
 * Passes local input on, at the speed at which the command takes it, until its end or until the answered function is called; from
 * then on nothing is read any more. `endWith` is sent in place of the end, for a terminal, which has none.
 */
export function feed(stdin: LocalInput, sink: Writable, endWith?: string): () => void {
  let stopped = false;
  const end = (): void => {
    if (stopped) return;
    if (endWith === undefined) sink.end();
    else sink.write(endWith);
  };
  const goOn = (): void => {
    if (!stopped) stdin.resume();
  };
  const pass = (chunk: Buffer | string): void => {
    if (sink.write(chunk)) return;
    stdin.pause();
    sink.once("drain", goOn);
  };
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    stdin.off("data", pass).off("end", end).off("error", end);
    stdin.on("error", () => {}); // such as a terminal that goes away; nobody reads it any more
    sink.off("drain", goOn).off("close", stop);
    stdin.pause();
  };
  sink.once("close", stop);
  if (stdin.readableEnded || stdin.destroyed) end();
  else stdin.on("data", pass).once("end", end).once("error", end).resume();
  return stop;
}
