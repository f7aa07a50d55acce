import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The text of a file below /proc; nothing when the process has just gone or is another's. */
export function readOr(path: string): string {
  return orElse(() => readFileSync(path, "utf8"), "");
}

/** Where a link below /proc leads; nothing when the process has just gone or is another's. */
export function linkOr(path: string): string {
  return orElse(() => readlinkSync(path), "");
}

/** The names in a folder below /proc. */
export function entriesOf(path: string): readonly string[] {
  return orElse(() => readdirSync(path), []);
}

/** What a look answers, or something else where what it looks at has gone. */
export function orElse<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** Whether a process has this number and may be signalled by us; one that has ended and waits for its parent counts. */
export function isRunning(pid = 0): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
