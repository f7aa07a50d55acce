import { spawn } from "node:child_process";
import { withDeadline } from "../../../core/index.ts";
import { textOf, type Bytes } from "./bytes.ts";

const MOST_BYTES = 16 * 1024 * 1024;

/** What a search found, and whether that is all. */
export interface Searched {
  /** NUL-terminated fields. */
  readonly fields: readonly Bytes[];
  /** Why it is not all. */
  readonly incomplete?: "too many" | "too slow";
}

/**
 * Runs a shell script of ours, with find(1), standing in a directory. No link is followed by find. Never by the user's PATH, which may
 * hold a directory of the project.
 */
export async function search(root: Bytes, script: string, args: readonly string[], deadlineMs: number, signal?: AbortSignal): Promise<Searched> {
  const child = spawn("/bin/sh", ["-c", script, "search", ...args], {
    cwd: textOf(root),
    env: { LC_ALL: "C", PATH: "/usr/bin:/bin" },
    stdio: ["ignore", "pipe", "ignore"],
    detached: true, // a group of its own, to end the programs in it together
  });
  const kill = (): void => {
    if (child.pid === undefined) return; // it never began; and group 0 would be our own
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // it has just ended
    }
  };
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => resolve()); // a directory that it may not read, or that went meanwhile, is no failure
  });
  const chunks: Buffer[] = [];
  let size = 0;
  let incomplete: Searched["incomplete"];
  child.stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MOST_BYTES) return void chunks.push(chunk);
    incomplete = "too many";
    kill();
  });
  try {
    await withDeadline(ended, deadlineMs, () => new TooSlow(), signal);
  } catch (error) {
    kill();
    if (!(error instanceof TooSlow)) throw error;
    incomplete = "too slow";
  }
  const fields = Buffer.concat(chunks).toString("latin1").split("\0").slice(0, -1);
  return { fields, ...(incomplete && { incomplete }) };
}

class TooSlow extends Error {}
