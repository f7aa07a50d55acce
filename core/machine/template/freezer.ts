import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Shape } from "./shape.ts";

/** What the freezer is to do; plain data, sent through its standard input. */
export interface FreezeJob {
  readonly shape: Shape;
  readonly cacheDir: string;
  readonly bootDeadlineMs: number;
}

const SCRIPT = fileURLToPath(new URL(`freezer-main${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url));

/**
 * Starts a process that makes the template and outlives us. It boots a machine of its own, never a session's, which holds secrets; it
 * has nothing of our environment, and says nothing: the next start finds a template, or none.
 */
export function startFreezer(job: FreezeJob): void {
  const child = spawn(process.execPath, [SCRIPT], { stdio: ["pipe", "ignore", "ignore"], detached: true, cwd: "/", env: {} });
  child.on("error", () => {}); // the next start tries again
  child.stdin.on("error", () => {});
  child.stdin.end(JSON.stringify(job));
  child.unref();
}
