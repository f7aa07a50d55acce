import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { SessionFacts } from "../plugin.ts";
import { trustedPath } from "../support/programs.ts";
import { fail } from "./failures.ts";
import { npmFailure } from "./npm-failure.ts";
import { npmEnvironment } from "./npm-environment.ts";
import { findNpm } from "./npm-path.ts";

/** One call of npm. */
export interface NpmCall {
  readonly args: readonly string[];
  /** An empty directory of ours, which npm takes for its project. */
  readonly directory: string;
  /** What is being got, for messages. */
  readonly what: string;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** What npm is run for, and the Node beside which it is looked for first; the running one when not given. */
export type NpmSession = Pick<SessionFacts, "hostEnv" | "project"> & { readonly node?: string };

const QUIET = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--no-progress", "--loglevel=error"];

/** Runs npm and answers its standard output. */
export type Npm = (call: NpmCall) => Promise<string>;

/** Runs the host's npm with the user's npm configuration, and answers its standard output. Throws NPM_… failures. */
export async function npm(call: NpmCall, session: NpmSession): Promise<string> {
  call.signal.throwIfAborted();
  const folders = trustedPath(session.hostEnv["PATH"], session.project);
  const program = findNpm(call.what, folders, session.node);
  // Without a package.json here npm would look for a project, and its .npmrc, in the directories above.
  await writeFile(join(call.directory, "package.json"), "{}");
  const result = await execa(program, [...QUIET, `--cache=${join(call.directory, "cache")}`, ...call.args], {
    cwd: call.directory,
    env: npmEnvironment(session.hostEnv, program, folders),
    extendEnv: false,
    stdin: "ignore",
    reject: false,
    timeout: call.deadlineMs,
    cancelSignal: call.signal,
    maxBuffer: 1 << 20,
  });
  call.signal.throwIfAborted();
  if (result.timedOut) throw fail("NPM_LATE", { what: call.what, deadlineMs: call.deadlineMs });
  if (result.failed) throw npmFailure(call.what, call.directory, result.stderr || result.shortMessage || "", result.cause);
  return result.stdout;
}
