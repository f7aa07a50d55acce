import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { processTerminal, sizeOf } from "../attach/terminal.ts";
import type { Invocation } from "../commands/command.ts";
import { ClocheError } from "../support/errors.ts";
import { MEMORY_FLAGS } from "../support/idle-memory.ts";
import { Interrupted } from "../support/interrupted.ts";
import { fail } from "./failures.ts";
import type { FailureText, FromSupervisor, TerminalFacts, ToSupervisor } from "./messages.ts";

const SCRIPT = fileURLToPath(new URL(`main${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url));

/**
 * Starts a process without a terminal that keeps the session, shows its progress until the command runs, and answers the session's
 * name. Ctrl-C until then ends it; a terminal that goes away does not. Throws what the start throws, and SUPERVISOR_ENDED.
 */
export async function launchDetached({ argv, env, io, signal }: Invocation, isTerminal: boolean): Promise<string> {
  signal.throwIfAborted();
  const child = fork(SCRIPT, [], {
    env: { ...env },
    detached: true, // a session of its own in the kernel's sense: no terminal, and no signal of one
    execArgv: MEMORY_FLAGS,
    stdio: ["ignore", "ignore", env["DEBUG"] === undefined ? "ignore" : "inherit", "ipc"],
  });
  const tell = (message: ToSupervisor): void => void child.send(message, () => {});
  const interrupt = (): void => {
    if (signal.reason instanceof Interrupted && signal.reason.signal === "SIGHUP") child.disconnect();
    else tell({ kind: "interrupt" });
  };
  signal.addEventListener("abort", interrupt, { once: true });
  try {
    tell({ kind: "start", argv, terminal: terminalFacts(env, isTerminal) });
    return await ready(child, io, signal, (yes) => tell({ kind: "answer", yes }));
  } finally {
    signal.removeEventListener("abort", interrupt);
    if (child.connected) child.disconnect();
    child.unref();
  }
}

async function ready(child: ChildProcess, io: Invocation["io"], signal: AbortSignal, answer: (yes: boolean) => void): Promise<string> {
  return await new Promise<string>((resolve, reject) => {
    let failure: Error | undefined;
    const over = (detail: string): void => reject(signal.aborted ? (signal.reason as Error) : (failure ?? fail("SUPERVISOR_ENDED", { detail })));
    child.once("error", (error) => over(error.message));
    child.once("exit", (status, killer) => over(`it ended with ${killer ?? status}`));
    child.once("disconnect", () => { if (signal.aborted && signal.reason instanceof Interrupted && signal.reason.signal === "SIGHUP") reject(signal.reason); });
    child.on("message", (message) => {
      const told = message as FromSupervisor;
      if (told.kind === "step") io.progress.step(told.title);
      else if (told.kind === "update") io.progress.update(told.fraction, told.detail);
      else if (told.kind === "say") io.progress.say(told.line);
      else if (told.kind === "print") io.print(told.line);
      else if (told.kind === "ask") void io.ask(told.question).then(answer, () => answer(false));
      else if (told.kind === "ready") resolve(told.name);
      else failure = errorOf(told.failure); // its teardown still runs; it is over when the process is
    });
  });
}

function terminalFacts(env: Invocation["env"], isTerminal: boolean): TerminalFacts {
  const { TERM, COLORTERM } = env;
  const known = { ...(TERM !== undefined && { TERM }), ...(COLORTERM !== undefined && { COLORTERM }) };
  return { isTerminal, size: sizeOf(processTerminal()), env: known };
}

function errorOf({ code, message, hint, stack, causes, signal }: FailureText): Error {
  if (signal !== undefined) return fail("SUPERVISOR_ENDED", { detail: "it was stopped" });
  const cause = causes.reduceRight<Error | undefined>((behind, text) => new Error(text, { cause: behind }), undefined);
  if (code !== undefined) return new ClocheError(code, { message, hint }, { cause });
  return Object.assign(new Error(message), stack === undefined ? {} : { stack });
}
