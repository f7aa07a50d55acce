import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Outcome, Result } from "./tally.ts";

/** How a part is run: where, as whom, with what environment. */
export interface Setting {
  readonly node: string;
  readonly root: string;
  /** Stands before each command, to run it as another user. */
  readonly enter: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const running = new Set<number>();

/** Ends what is running now, with all that it started; for when the tests are interrupted. */
export function killRunning(): void {
  for (const pid of running) process.kill(-pid, "SIGKILL");
}

// A process that lives on after its last test has left something open.
const AFTER_END_MS = 30_000;

/** Runs mocha over some files and answers what came of it; whatever keeps it from its end is a failure of its own. */
export async function runMocha(part: string, { node, root, enter, env }: Setting, files: readonly string[], deadlineMs: number, perTestMs: number): Promise<Outcome> {
  const began = performance.now();
  const outcome = { part, passed: 0, failures: [] as { title: string; reason: string }[] };
  const options = ["--reporter", "scripts/test/reporter.cjs", "--forbid-only", "--forbid-pending", "--timeout", String(perTestMs)];
  const [command = node, ...args] = [...enter, node, "node_modules/mocha/bin/mocha.js", ...options, ...files];
  const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "inherit", "inherit", "pipe"], detached: true });

  if (child.pid !== undefined) running.add(child.pid);
  let ended = false;
  let late: string | undefined;
  const giveUp = (why: string) => () => {
    late = why;
    process.kill(-(child.pid ?? 0), "SIGKILL");
  };
  let timer = setTimeout(giveUp(`it took longer than ${deadlineMs / 60_000} minutes`), deadlineMs);
  const lines = createInterface({ input: child.stdio[3] as Readable });
  lines.on("line", (line) => {
    const result = JSON.parse(line) as Result;
    if (result.kind === "passed") outcome.passed += 1;
    if (result.kind === "failed") outcome.failures.push(result);
    if (result.kind === "end") {
      ended = true;
      clearTimeout(timer);
      timer = setTimeout(giveUp("its process did not end after the last test"), AFTER_END_MS);
    }
  });
  const end = await new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(signal ?? String(code)));
  });
  clearTimeout(timer);
  if (child.pid !== undefined) running.delete(child.pid);
  const reason = late ?? (ended ? undefined : `mocha ended with ${end} before its last test`);
  if (reason !== undefined) outcome.failures.push({ title: "the part as a whole", reason });
  else if (outcome.passed + outcome.failures.length === 0) outcome.failures.push({ title: "the part as a whole", reason: "it ran no test" });
  return { ...outcome, seconds: (performance.now() - began) / 1000 };
}

/** Runs one command as a test of its own. */
export async function runCommand(part: string, title: string, { root, env, enter }: Setting, argv: readonly string[]): Promise<Outcome> {
  const began = performance.now();
  const [command = "", ...args] = [...enter, ...argv];
  const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
  const end = await new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(signal ?? String(code)));
  });
  const failures = end === "0" ? [] : [{ title, reason: `it ended with ${end}; its output is above` }];
  return { part, seconds: (performance.now() - began) / 1000, passed: 1 - failures.length, failures };
}
