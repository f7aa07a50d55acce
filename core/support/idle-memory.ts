import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { bundled } from "./bundled.ts";

/**
 * What Node is started with to keep a session: it passes on streams and waits, and there may be ten of them. The young generation would
 * otherwise grow in the start and stay so, since what waits makes nothing that has to be collected.
 */
export const MEMORY_FLAGS = ["--max-semi-space-size=1", "--single-threaded"];
const LATER_MS = 10_000; // a command that takes less pays nothing

/** Gives back once what the start of a session has used: V8 does so by itself only when more is asked of it. Answers what gives that up. */
export function giveBackMemoryLater(laterMs: number = LATER_MS): () => void {
  const timer = setTimeout(() => {
    bundled()?.keepCompiled();
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as (options: object) => void;
    // as V8 collects when there is next to no memory left: also what was compiled and is not used any more
    collect({ type: "major", flavor: "last-resort" });
  }, laterMs).unref();
  return () => clearTimeout(timer);
}
