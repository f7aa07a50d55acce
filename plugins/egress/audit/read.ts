import { createReadStream, existsSync, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { createInterface } from "node:readline";
import { PARTS } from "./folder.ts";

const LOOK_AGAIN_MS = 1_000; // where a file system tells nothing of changes

/** The lines of an audit from its beginning. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  for (const part of PARTS) if (existsSync(file + part)) yield* linesFrom(file + part, 0);
}

/** The lines that are added from now on, also when the file is put aside for a new one, until the signal aborts. */
export async function* linesAfter(file: string, signal: AbortSignal): AsyncGenerator<string> {
  let { ino: inode, size: read } = statSync(file);
  let wake: () => void = () => {};
  const watcher = watch(dirname(file), (_event, name) => { if (name === null || name === basename(file)) wake(); });
  const timer = setInterval(() => wake(), LOOK_AGAIN_MS);
  signal.addEventListener("abort", () => wake(), { once: true });
  try {
    while (!signal.aborted) {
      const stat = statSync(file, { throwIfNoEntry: false });
      if (stat && stat.ino !== inode) {
        const aside = [".1", ".first"].map((part) => file + part).find((part) => statSync(part, { throwIfNoEntry: false })?.ino === inode);
        if (aside !== undefined) yield* linesFrom(aside, read);
        [inode, read] = [stat.ino, 0];
      }
      if (stat && stat.size > read) {
        for await (const line of linesFrom(file, read)) {
          yield line;
          read += Buffer.byteLength(line) + 1;
        }
        continue;
      }
      await new Promise<void>((resolve) => { wake = resolve; });
    }
  } finally {
    clearInterval(timer);
    watcher.close();
  }
}

/** Whole lines only: the gateway writes each at once. */
async function* linesFrom(path: string, start: number): AsyncGenerator<string> {
  const input = createReadStream(path, { start, encoding: "utf8" });
  for await (const line of createInterface({ input, crlfDelay: Infinity })) if (line !== "") yield line;
}
