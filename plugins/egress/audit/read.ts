import { createReadStream, existsSync, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { PARTS } from "./folder.ts";

const LOOK_AGAIN_MS = 1_000; // where a file system tells nothing of changes

/** The lines of an audit from its beginning. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  for (const part of PARTS) {
    if (!existsSync(file + part)) continue;
    const rest = yield* wholeLinesOf(file + part, 0);
    if (rest !== "") yield rest;
  }
}

/** The same, and then the lines that are added, each once, also when the file is put aside for a new one, until the signal aborts. */
export async function* linesFollowed(file: string, signal: AbortSignal): AsyncGenerator<string> {
  let wake: () => void = () => {};
  const watcher = watch(dirname(file), (_event, name) => { if (name === null || name === basename(file)) wake(); });
  const timer = setInterval(() => wake(), LOOK_AGAIN_MS);
  const stop = (): void => wake();
  signal.addEventListener("abort", stop, { once: true });
  try {
    let inode = inodeOf(file);
    for (const part of PARTS.slice(0, -1)) if (![undefined, inode].includes(inodeOf(file + part))) yield* wholeLinesOf(file + part, 0);
    let read = 0;
    while (!signal.aborted) {
      const now = inodeOf(file);
      if (now !== undefined && now !== inode) {
        const aside = PARTS.map((part) => file + part).find((part) => inodeOf(part) === inode);
        if (aside !== undefined) yield* wholeLinesOf(aside, read);
        [inode, read] = [now, 0];
      }
      const before = read;
      for await (const line of now === undefined ? [] : wholeLinesOf(file, read)) {
        read += Buffer.byteLength(line) + 1;
        yield line;
      }
      if (read === before && !signal.aborted) await new Promise<void>((resolve) => { wake = resolve; });
    }
  } finally {
    clearInterval(timer);
    watcher.close();
    signal.removeEventListener("abort", stop);
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

// a line that has no end may be on its way still: one that goes over a page of memory is seen in two pieces
async function* wholeLinesOf(path: string, start: number): AsyncGenerator<string, string> {
  let rest = "";
  for await (const chunk of createReadStream(path, { start, encoding: "utf8" })) {
    const lines = `${rest}${String(chunk)}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  return rest;
}
