import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { escapeText } from "../support/escape.ts";
import { withoutSecrets } from "../support/log.ts";

/** What a detached session said when nobody was there, kept in the user's state directory after its end. */
export interface SessionLog {
  write(line: string): void;
}

const LARGEST_BYTES = 256 * 1024;
const MOST_LOGS = 50;

/** Where the logs of detached sessions lie, each called after its session. */
export function logFolder(stateDir: string): string {
  return join(stateDir, "sessions");
}

/** The log of one session. */
export function logFile(stateDir: string, name: string): string {
  return join(logFolder(stateDir), `${name}.log`);
}

/** Opens a log under a name that is known later: what is said until then is kept. It never throws; a full disk must not end a session. */
export class LateLog implements SessionLog {
  #early: string[] = [];
  #file: number | undefined;
  #bytes = 0;

  open(stateDir: string, name: string): void {
    try {
      mkdirSync(logFolder(stateDir), { recursive: true, mode: 0o700 });
      prune(logFolder(stateDir));
      this.#file = openSync(logFile(stateDir, name), "w", 0o600);
    } catch {
      return;
    }
    for (const line of this.#early.splice(0)) this.#put(line);
  }

  write(text: string): void {
    const line = `${new Date().toISOString()} ${withoutSecrets(escapeText(text)).replaceAll("\n", "\n  ")}\n`;
    if (this.#file === undefined) this.#early = [...this.#early.slice(-100), line];
    else this.#put(line);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #put(line: string): void {
    this.#bytes += Buffer.byteLength(line);
    if (this.#file === undefined || this.#bytes > LARGEST_BYTES) return;
    try {
      writeSync(this.#file, line);
    } catch {
      this.#bytes = LARGEST_BYTES; // no room on the disk
    }
  }
}

/** The lines of a log from a byte on, without their times; none when there is no log. */
export async function linesSince(path: string, offset: number): Promise<readonly string[]> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LARGEST_BYTES), 0, LARGEST_BYTES, offset);
    const lines = buffer.toString("utf8", 0, bytesRead).split("\n").slice(0, -1);
    return lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /, ""));
  } catch {
    return [];
  }
}

/** How long a log is by now, in bytes. */
export function sizeOfLog(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function prune(folder: string): void {
  const logs = readdirSync(folder).filter((name) => name.endsWith(".log")).map((name) => join(folder, name));
  const dated = logs.map((path) => ({ path, at: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
  for (const { path } of dated.sort((a, b) => b.at - a.at).slice(MOST_LOGS - 1)) rmSync(path, { force: true });
}
