import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";

/** A runtime directory of its own, with a short path since sockets lie below it; disposing removes it. */
export function runtimeDirectory(): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync("/tmp/clt-");
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A real process that begins a session (`keeper.ts`) and answers each line that it says. */
export interface Keeper {
  readonly process: ChildProcess;
  said(word: string): Promise<string>;
  kill(): Promise<void>;
}

export function startKeeper(runtime: string, ...args: string[]): Keeper {
  const script = fileURLToPath(new URL("keeper.ts", import.meta.url));
  const child = spawn(process.execPath, [script, runtime, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return {
    process: child,
    async said(word) {
      for (;;) {
        const { done, value } = await lines.next();
        if (done) throw new Error(`the keeper ended before it said "${word}"`);
        if (value.startsWith(`${word} `)) return value.slice(word.length + 1);
      }
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** Waits until something holds, looking every few ms; throws after `deadlineMs`. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = 5_000): Promise<void> {
  const until = Date.now() + deadlineMs;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error(`after ${deadlineMs} ms still not so: ${what}`);
    await sleep(10);
  }
}
