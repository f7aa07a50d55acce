import { spawn } from "node:child_process";
import { once } from "node:events";
import { textOf, type Bytes } from "../tree/bytes.ts";

/** What a survey tells of one path that is no directory, or of a directory that is not entered. */
export interface Seen {
  readonly path: Bytes;
  /** The same as long as nothing about the file changed; undefined for a directory in which anything may have changed. */
  readonly stamp: string | undefined;
  /** When the file's entry changed last, in s since 1970. */
  readonly changedAt: number;
}

/** A tree that has more in it than is looked at. */
export class TooMuch extends Error {}

const DEADLINE_MS = 10_000;
const MOST_PATHS = 300_000;
const LONGEST_FIELD = 16_384;
/** What is slow to walk through, and seldom has anything in it that git keeps. */
const NOT_ENTERED = ["node_modules", ".venv", "venv", "target", ".tox", ".cache"];

const FIND = [
  ".", "-ignore_readdir_race", "-mindepth", "1",
  "(", "-name", ".git", "-prune", ")",
  "-o", "(", "-type", "d", "(", ...NOT_ENTERED.flatMap((name) => ["-name", name, "-o"]), "!", "-readable", "-o", "!", "-executable", ")", "-printf", "?/%P\\0", "-prune", ")",
  "-o", "(", "!", "-type", "d", "-printf", "%y%m %i %C@/%P\\0", ")",
];

/**
 * Looks at every file of a tree with find(1), which follows no link and cannot be led out of the tree by one that is swapped in meanwhile.
 * It tells when a file's entry changed last, which no program can set back. Throws TooMuch, or when it could not see everything.
 */
export async function survey(root: Bytes, onSeen: (seen: Seen) => void, signal: AbortSignal): Promise<void> {
  const child = spawn("/usr/bin/find", FIND, {
    cwd: textOf(root),
    env: { LC_ALL: "C" },
    stdio: ["ignore", "pipe", "ignore"],
    signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
    killSignal: "SIGKILL",
  });
  const closed = once(child, "close") as Promise<[number | null]>;
  closed.catch(() => {}); // heard below
  let rest = "";
  let count = 0;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      const fields = (rest + chunk.toString("latin1")).split("\0");
      rest = fields.pop() ?? "";
      count += fields.length;
      if (count > MOST_PATHS || rest.length > LONGEST_FIELD) throw new TooMuch();
      for (const field of fields) onSeen(read(field));
    }
  } catch (error) {
    child.kill("SIGKILL");
    await closed.catch(() => {});
    throw error;
  }
  const [status] = await closed;
  if (status !== 0) throw new Error(`find ended with ${status}`);
}

function read(field: string): Seen {
  const end = field.indexOf("/");
  const stamp = field.slice(0, end);
  const path = field.slice(end + 1);
  return stamp === "?" ? { path, stamp: undefined, changedAt: 0 } : { path, stamp, changedAt: Number(stamp.slice(stamp.lastIndexOf(" ") + 1)) };
}
