import { spawn, type ChildProcess, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { withDeadline } from "../support/deadline.ts";
import { messageOf } from "../support/errors.ts";
import { packageRoot } from "../support/package-root.ts";
import { fail } from "./failures.ts";
import { formatIdentity, identify, lastFactsOf, type ProcessIdentity } from "./process-identity.ts";

const START_MS = 5_000;
const END_MS = 2_000;

/** A small process that outlives ours and tidies up when we end without doing so, SIGKILL included. */
export interface Reaper {
  readonly identity: ProcessIdentity;
  /** Tells it which directory is ours: its name before it is a session's, and after. */
  claim(staging: string, name: string): void;
  /** Has a process and its group ended with us. It may have ended before its parent noticed: its group lives on. */
  watch(pid: number): void;
  /** All is tidy: it ends without doing anything. */
  dismiss(): Promise<void>;
}

/** Starts the reaper over the directory of all sessions; throws REAPER_FAILED. */
export async function startReaper(sessions: string): Promise<Reaper> {
  const child = spawn("/bin/sh", [join(packageRoot(), "host", "reaper.sh"), sessions], {
    // A session of its own, so that Ctrl-C in the terminal, and the terminal's end, pass it by.
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
  });
  try {
    await ready(child);
  } catch (cause) {
    child.kill("SIGKILL");
    throw fail("REAPER_FAILED", { detail: messageOf(cause) }, { cause });
  }
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (!identity) throw fail("REAPER_FAILED", { detail: "it ended at once" });
  letBe(child);
  return reaperOf(child, identity);
}

async function ready(child: ChildProcessByStdio<Writable, Readable, null>): Promise<void> {
  child.stdin.on("error", () => {}); // when it is gone, sweeping has to do
  const ended = once(child, "exit").then(() => {
    throw new Error("it ended at once");
  });
  await withDeadline(Promise.race([once(child.stdout, "data"), ended]), START_MS, () => new Error("it did not answer"));
}

/** Neither the reaper nor the pipes to it keep our process from ending. */
function letBe(child: ChildProcessByStdio<Writable, Readable, null>): void {
  child.unref();
  child.stdout.destroy();
  (child.stdin as Socket).unref();
}

function reaperOf(child: ChildProcessByStdio<Writable, Readable, null>, identity: ProcessIdentity): Reaper {
  return {
    identity,
    claim: (staging, name) => void child.stdin.write(`claim ${staging} ${name} ${formatIdentity(identity)}\n`),
    watch(pid) {
      const facts = pid === identity.pid ? undefined : lastFactsOf(pid);
      if (facts) child.stdin.write(`watch ${pid} ${facts.startTicks} ${facts.session}\n`);
    },
    async dismiss() {
      child.stdin.end("done\n");
      await ended(child);
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  try {
    await withDeadline(once(child, "exit"), END_MS, () => new Error("the reaper did not end"));
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}
