import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalInput } from "./terminal.ts";

/** How input is passed on. */
export interface Feeding {
  /** Sent in place of the end, for a terminal, which has none. */
  readonly endWith?: string;
  /** Sees each piece first; what it answers is waited for before the piece is passed on. */
  typed?(chunk: Buffer): Promise<void> | undefined;
}

/**
 * Passes local input on, at the speed at which the command takes it, until its end or until the answered function is called; from
 * then on nothing is read any more.
 */
export function feed(stdin: LocalInput, sink: Writable, { endWith, typed }: Feeding = {}): () => void {
  let stopped = false;
  const end = (): void => {
    if (stopped) return;
    if (endWith === undefined) sink.end();
    else sink.write(endWith);
  };
  const goOn = (): void => {
    if (!stopped) stdin.resume();
  };
  const write = (chunk: Buffer | string): void => {
    if (stopped || sink.write(chunk)) return goOn();
    stdin.pause();
    sink.once("drain", goOn);
  };
  const pass = (chunk: Buffer | string): void => {
    const waiting = typed?.(Buffer.from(chunk as string));
    if (waiting === undefined) return write(chunk);
    stdin.pause();
    void waiting.then(() => write(chunk));
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

/** Throws away what comes for so long, in ms: a terminal's answers to who has just ended, which a shell would take for typed. */
export async function swallow(stdin: LocalInput, ms: number): Promise<void> {
  const ignore = (): void => {};
  stdin.on("data", ignore).resume();
  await sleep(ms);
  stdin.off("data", ignore).pause();
}
