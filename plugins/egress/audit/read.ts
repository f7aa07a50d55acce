import { closeSync, createReadStream, existsSync, fstatSync, openSync, statSync, watch, type ReadStream } from "node:fs";
import { basename, dirname } from "node:path";
import { PARTS } from "./folder.ts";

const LOOK_AGAIN_MS = 1_000; // where a file system tells nothing of changes

/** The lines of an audit from its beginning. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  for (const part of PARTS) {
    if (!existsSync(file + part)) continue;
    const rest = yield* wholeLinesOf(createReadStream(file + part));
    if (rest !== "") yield rest;
  }
}

/** The same, and then the lines that are added, each once, also when the file is put aside for a new one, until the signal aborts. */
export async function* linesFollowed(file: string, signal: AbortSignal): AsyncGenerator<string> {
  let held = openSync(file, "r"); // stays this file when it is put aside
  let wake: () => void = () => {};
  const watcher = watch(dirname(file), (_event, name) => { if (name === null || name === basename(file)) wake(); });
  const timer = setInterval(() => wake(), LOOK_AGAIN_MS);
  const stop = (): void => wake();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for (const part of PARTS.slice(0, -1)) if (![undefined, fstatSync(held).ino].includes(inodeOf(file + part))) yield* wholeLinesOf(createReadStream(file + part));
    for (let read = 0; !signal.aborted;) {
      const now = inodeOf(file); // asked first: from the moment on at which it is another one, nothing is added to ours
      const before = read;
      for await (const line of wholeLinesOf(createReadStream("", { fd: held, start: read, autoClose: false }))) {
        read += Buffer.byteLength(line) + 1;
        yield line;
      }
      if (now !== undefined && now !== fstatSync(held).ino) {
        const next = openSync(file, "r");
        closeSync(held);
        [held, read] = [next, 0];
      } else if (read === before && !signal.aborted) {
        await new Promise<void>((resolve) => { wake = resolve; });
      }
    }
  } finally {
    closeSync(held);
    clearInterval(timer);
    watcher.close();
    signal.removeEventListener("abort", stop);
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

// a line that has no end may be on its way still: one that goes over a page of memory is seen in two pieces
async function* wholeLinesOf(input: ReadStream): AsyncGenerator<string, string> {
  let rest = "";
  for await (const chunk of input.setEncoding("utf8")) {
    const lines = `${rest}${String(chunk)}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  return rest;
}
