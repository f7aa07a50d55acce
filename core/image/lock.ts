import { execa } from "execa";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { fail } from "./failures.ts";
import { SYSTEM_PATH } from "./tool.ts";

const BUSY = 75; // EX_TEMPFAIL, so that it cannot be mistaken for a status of the shell's

/** A lock that is held; disposing of it lets the next one in. */
export interface Lock extends AsyncDisposable {
  readonly path: string;
}

/**
 * Takes the kernel's lock on a file, which ends with its holder however that dies: the holder is a `flock` that lives as long as
 * its standard input, our pipe. Calls `onWait` once when somebody else has it.
 */
export async function takeLock(path: string, signal: AbortSignal, onWait: () => void): Promise<Lock> {
  await mkdir(dirname(path), { recursive: true });
  const first = await hold(path, ["--nonblock", "--conflict-exit-code", String(BUSY)], signal);
  if (first) return first;
  onWait();
  const second = await hold(path, [], signal);
  if (second) return second;
  throw fail("IMAGE_CACHE_UNUSABLE", { directory: dirname(path), reason: "its lock file cannot be locked" });
}

async function hold(path: string, options: readonly string[], signal: AbortSignal): Promise<Lock | undefined> {
  const holder = execa("flock", ["--exclusive", ...options, path, "sh", "-c", "echo held; exec cat"], {
    cwd: dirname(path),
    extendEnv: false,
    env: { PATH: SYSTEM_PATH },
    stdin: "pipe",
    buffer: false,
    reject: false,
    stderr: "ignore",
    cancelSignal: signal,
  });
  const held = await new Promise<boolean>((resolve) => {
    holder.stdout.once("data", () => resolve(true));
    holder.stdout.once("close", () => resolve(false));
  });
  if (held) {
    const release = async () => {
      holder.stdin.end();
      holder.stdout.resume();
      await holder;
    };
    return { path, [Symbol.asyncDispose]: release };
  }
  const result = await holder;
  signal.throwIfAborted();
  if (result.code === "ENOENT") throw fail("IMAGE_TOOL_MISSING", { tool: "flock" });
  return undefined;
}
