import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { packageRoot } from "../support/package-root.ts";
import { fail } from "./failures.ts";
import { SYSTEM_PATH } from "./tool.ts";

const BUSY = 75; // EX_TEMPFAIL, so that it cannot be mistaken for a status of the shell's

/** A lock that is held; disposing of it lets the next one in. */
export type Lock = AsyncDisposable;

/** What a lock is taken on. */
export interface LockPlace {
  /** Its file; it is made when it is not there. */
  readonly lock: string;
  /** A directory of what only who has the lock works on: what is left there goes with it. */
  readonly drafts?: string;
}

/**
 * Takes the kernel's lock on an image cache. Its holder is a process that lives as long as its standard input, our pipe, and then
 * removes the drafts we left: so it ends with us, however we die. Calls `onWait` once when somebody else has it.
 */
export async function takeLock(place: LockPlace, signal: AbortSignal, onWait: () => void): Promise<Lock> {
  const first = await tryLock(place, signal);
  if (first) return first;
  onWait();
  const second = await hold(place, [], signal);
  if (second) return second;
  throw fail("IMAGE_CACHE_UNUSABLE", { directory: dirname(place.lock), reason: "its lock file cannot be locked" });
}

/** Takes the lock when nobody has it; undefined when somebody has. */
export async function tryLock(place: LockPlace, signal: AbortSignal): Promise<Lock | undefined> {
  return await hold(place, ["--nonblock", "--conflict-exit-code", String(BUSY)], signal);
}

async function hold({ lock: path, drafts }: LockPlace, options: readonly string[], signal: AbortSignal): Promise<Lock | undefined> {
  signal.throwIfAborted();
  const script = join(packageRoot(), "host", "image-lock.sh");
  const holder = spawn("flock", ["--exclusive", ...options, path, "sh", script, ...(drafts === undefined ? [] : [drafts])], {
    detached: true,
    cwd: dirname(path),
    env: { PATH: SYSTEM_PATH },
    stdio: ["pipe", "pipe", "ignore"],
  });
  // never rejects: answers why it could not be started, if it could not
  const ended = once(holder, "close").then(() => undefined, (error: NodeJS.ErrnoException) => error);
  holder.stdin.on("error", () => {}); // it ended, and that is noticed
  const giveUp = (): void => {
    holder.stdin.destroy();
    holder.kill("SIGKILL");
  };
  signal.addEventListener("abort", giveUp, { once: true });
  const held = await new Promise<boolean>((resolve) => {
    holder.stdout.once("data", () => resolve(true));
    holder.stdout.once("close", () => resolve(false));
  });
  signal.removeEventListener("abort", giveUp);
  if (held) {
    const release = async () => {
      holder.stdin.end();
      holder.stdout.resume();
      await ended;
    };
    return { [Symbol.asyncDispose]: release };
  }
  const unstarted = await ended;
  signal.throwIfAborted();
  if (unstarted?.code === "ENOENT") throw fail("IMAGE_TOOL_MISSING", { tool: "flock" });
  return undefined;
}
