import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";

const DEADLINE_MS = 15_000;

/**
 * Runs the shell script `after-kill` of a dead session's directory, if a plugin left one: what it must undo outside of that directory.
 * The directory is the user's alone. The reaper does the same when it outlives the session (host/reaper.sh).
 */
export async function runAfterKill(directory: string): Promise<void> {
  const script = join(directory, "after-kill");
  if (!existsSync(script)) return;
  const child = spawn("/bin/sh", [script], { stdio: "ignore", cwd: "/", env: { PATH: "/usr/bin:/bin" }, timeout: DEADLINE_MS, killSignal: "SIGKILL" });
  child.on("error", () => {}); // its end tells
  await once(child, "close");
}
