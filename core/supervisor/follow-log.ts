import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** One entry of a session's log; its text may have several lines. */
export interface LogEntry {
  /** ISO 8601, in UTC. */
  readonly at: string;
  readonly text: string;
}

const ENTRY = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (.*)$/;
const PIECE_BYTES = 64 * 1024;
const LOOK_EVERY_MS = 250;

/**
 * The entries of a session's log in their order. As long as `goesOn` says so it waits for more; the last entry comes when it is known
 * to be whole. Throws what opening the file throws, and the signal's reason.
 */
export async function* logEntries(path: string, goesOn: () => Promise<boolean>, signal: AbortSignal): AsyncGenerator<LogEntry> {
  await using file = await open(path);
  const piece = Buffer.alloc(PIECE_BYTES);
  const decoder = new TextDecoder();
  let rest = "";
  let entry: LogEntry | undefined;
  for (let more = true; more; ) {
    signal.throwIfAborted();
    const isLast = !(await goesOn()); // asked before reading: what was written until then is read now
    let read = 0;
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, PIECE_BYTES);
      if (bytesRead === 0) break;
      read += bytesRead;
      const lines = (rest + decoder.decode(piece.subarray(0, bytesRead), { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const [, at, text] = ENTRY.exec(line) ?? [];
        if (at !== undefined && text !== undefined) {
          if (entry) yield entry;
          entry = { at, text };
        } else if (entry) entry = { at: entry.at, text: `${entry.text}\n${line.replace(/^ {2}/, "")}` };
      }
    }
    more = !isLast;
    // an entry is written at once, so nothing of it comes later
    if (entry && (read === 0 || isLast)) {
      yield entry;
      entry = undefined;
    }
    if (more) await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}
