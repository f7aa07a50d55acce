import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withDeadline } from "../../../core/index.ts";
import { fail } from "../failures.ts";
import { readHostLogin } from "../gateway/service/host-login.ts";

/** What renewing needs of the host. */
export interface RefreshReach {
  readonly file: string;
  /** Directory of the user's that outlives sessions; who renews holds a lock there. */
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

// within the gateway's patience with a question
const DEADLINE_MS = 25_000;
const STALE_MS = 60_000;
const LOOK_AGAIN_MS = 200;
const PASSED_ON = ["HOME", "PATH", "USER", "LOGNAME", "LANG", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "CLAUDE_CONFIG_DIR", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS"] as const;
// the shortest question that has it renew its login
const QUESTION = ["-p", "Reply with: ok", "--model", "haiku"] as const;

let running: Promise<void> | undefined;

/** Has the host's own Claude renew its login, one at a time on this host. Throws CREDENTIALS_REFRESH_FAILED. */
export function refreshHostLogin(reach: RefreshReach): Promise<void> {
  running ??= refreshLocked(reach).finally(() => { running = undefined; });
  return running;
}

async function refreshLocked(reach: RefreshReach): Promise<void> {
  const lock = join(reach.stateDir, "login.lock");
  mkdirSync(reach.stateDir, { recursive: true, mode: 0o700 });
  const until = Date.now() + DEADLINE_MS;
  while (!take(lock)) {
    if (Date.now() > until) throw fail("CREDENTIALS_REFRESH_FAILED", { detail: "another session renews it and does not come to an end" });
    await sleep(LOOK_AGAIN_MS);
  }
  try {
    if (isGood(reach.file)) return; // whoever held the lock did it
    await run(reach);
    if (!isGood(reach.file)) throw fail("CREDENTIALS_REFRESH_FAILED", { detail: "its login is as old as before" });
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string): boolean {
  try {
    closeSync(openSync(lock, "wx", 0o600));
    return true;
  } catch {
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age > STALE_MS) rmSync(lock, { force: true });
    return false;
  }
}

function isGood(file: string): boolean {
  return (readHostLogin(file)?.expiresAt ?? 0) > Date.now();
}

async function run({ env }: RefreshReach): Promise<void> {
  const passed = Object.fromEntries(PASSED_ON.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  // never in the project, whose settings would say what it runs
  const child = spawn("claude", QUESTION, { cwd: "/", env: passed, stdio: "ignore" });
  const late = () => fail("CREDENTIALS_REFRESH_FAILED", { detail: `it did not answer within ${DEADLINE_MS / 1000} s` });
  try {
    await withDeadline(once(child, "exit"), DEADLINE_MS, late);
  } catch (error) {
    child.kill("SIGKILL");
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw fail("CREDENTIALS_REFRESH_FAILED", { detail: "there is no `claude` in your PATH" });
    throw error;
  }
}
