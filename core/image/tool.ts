import type { Readable } from "node:stream";
import { tmpdir } from "node:os";
import { escapeLine } from "../support/escape.ts";
import { logger } from "../support/log.ts";
import { fail } from "./failures.ts";

const log = logger("image");
/** Where programs of the host's are looked for: never the user's PATH, which may hold a directory of the project. */
export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const TAIL_LINES = 20;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
// mmdebstrap unmounts and removes its chroot when told to stop; cutting that short would leave it behind.
const STOP_MS = 20_000;
const NOT_FOUND = 127;

/** One run of a program of the host's. */
export interface ToolRun {
  /** What it does, for people: "packing the root file system". */
  readonly step: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Added to an environment made from nothing. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Readable;
  /** Given each line of standard error, and of standard output unless `binary`; safe to show. */
  readonly onLine?: (line: string) => void;
  /** Its output may hold secrets that nobody has hidden yet: it goes neither to logs nor to errors. */
  readonly quiet?: boolean;
  /** Takes standard output as bytes, for a pipe; such output is neither kept nor split into lines. */
  readonly binary?: (output: Readable) => void;
}

/** Runs it and answers its standard output. It is told to stop when the signal aborts, and also when we are killed outright. */
export async function runTool(run: ToolRun): Promise<string> {
  run.signal.throwIfAborted();
  const { execa } = await import("execa"); // a start that finds its image has no use for it
  run.signal.throwIfAborted();
  const child = execa("setpriv", ["--pdeathsig", "TERM", "--", run.command, ...run.args], {
    cwd: run.cwd,
    extendEnv: false,
    env: { PATH: SYSTEM_PATH, LC_ALL: "C.UTF-8", TMPDIR: tmpdir(), ...run.env },
    stdin: run.stdin ? "pipe" : "ignore",
    all: run.binary === undefined,
    buffer: { stdout: run.binary === undefined, stderr: false, all: false },
    encoding: "utf8",
    maxBuffer: MAX_OUTPUT_BYTES,
    stripFinalNewline: false,
    detached: true, // a process group of its own: mmdebstrap only stops when its helpers are told as well
    reject: false,
  });
  const forget = stopWith(run.signal, child.pid, () => run.binary && drain(child.stdout as Readable));
  const tail: string[] = [];
  let noSpace = false;
  const hear = (raw: string): void => {
    if (run.quiet) return;
    const line = escapeLine(raw);
    log("%s: %s", run.command, line);
    noSpace ||= saysNoSpace(line);
    if (line.trim() !== "") tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    run.onLine?.(line);
  };
  if (run.stdin) {
    run.stdin.pipe(child.stdin as NodeJS.WritableStream);
    child.stdin?.on("error", () => {}); // it ended before it had read all: its status tells
  }
  if (run.binary) run.binary(child.stdout as Readable);
  const listening = listen(child.iterable({ from: run.binary ? "stderr" : "all" }), hear);
  const result = await child;
  await listening;
  forget();
  run.signal.throwIfAborted();
  if (result.failed && noSpace) throw noSpaceFor(run.step, [run.cwd, run.env?.["TMPDIR"] ?? tmpdir()]);
  if (result.failed) throw failureOf(run, result, tail);
  return typeof result.stdout === "string" ? result.stdout : "";
}

/** What it still writes goes nowhere: whoever took it may have ended, and until all is read it does not count as ended. */
function drain(output: Readable): void {
  output.unpipe();
  output.resume();
}

/** Ends the whole group when the signal aborts, by force when it takes too long; call the answer when it has ended. */
function stopWith(signal: AbortSignal, pid: number | undefined, onStop: () => void): () => void {
  let force: NodeJS.Timeout | undefined;
  const tell = (how: NodeJS.Signals): void => {
    try {
      if (pid !== undefined) process.kill(-pid, how);
    } catch {
      // it has ended in this very moment
    }
  };
  const stop = (): void => {
    tell("SIGTERM");
    onStop();
    force = setTimeout(() => tell("SIGKILL"), STOP_MS);
  };
  signal.addEventListener("abort", stop, { once: true });
  return () => {
    clearTimeout(force);
    signal.removeEventListener("abort", stop);
  };
}

async function listen(lines: AsyncIterable<string>, hear: (line: string) => void): Promise<void> {
  try {
    for await (const line of lines) hear(line);
  } catch {
    // a stream that broke off; the exit status tells what happened
  }
}

/** Whether a line of a program's output tells of a full disk. */
export function saysNoSpace(line: string): boolean {
  return /No space left on device|not enough free space/i.test(line);
}

/** The failure for a disk that filled up, with the folders that were written to. */
export function noSpaceFor(step: string, folders: readonly string[]): Error {
  return fail("IMAGE_NO_SPACE", { step, places: folders.join(" and ") });
}

interface Ending {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
}

function failureOf(run: ToolRun, { exitCode, signal }: Ending, tail: readonly string[]): Error {
  const output = tail.join("\n");
  if (exitCode === NOT_FOUND && output.includes("setpriv: failed to execute")) return fail("IMAGE_TOOL_MISSING", { tool: run.command });
  return fail("IMAGE_STEP_FAILED", { step: run.step, status: signal ?? `status ${exitCode ?? "unknown"}`, output });
}
