// The process that keeps a detached session: it has no terminal, outlives the one that started it, and lives the session's whole life.
import { Ending } from "../cli/ending.ts";
import { isInterruption, reportOf, statusOf } from "../cli/report.ts";
import { parse } from "../cli/parse.ts";
import { directories } from "../config/directories.ts";
import { bundled } from "../support/bundled.ts";
import { Interrupted } from "../support/interrupted.ts";
import { textOf } from "./failure-text.ts";
import type { FromSupervisor, TerminalFacts, ToSupervisor } from "./messages.ts";
import { LateLog } from "./session-log.ts";
import { supervisedIo } from "./supervised-io.ts";

const ending = new Ending();
const log = new LateLog();
const interrupted = new AbortController();
let started = false;

// A terminal that hangs up, and a user who logs out, are what it is detached from.
process.on("SIGHUP", () => {});
ending.listen(process, (status) => process.exit(status), ["SIGTERM", "SIGINT"]);
process.once("disconnect", () => {
  if (!started) process.exit(0);
});
process.on("message", (message) => {
  const told = message as ToSupervisor;
  if (told.kind === "interrupt") interrupted.abort(new Interrupted("SIGINT"));
  if (told.kind !== "start" || started) return;
  started = true;
  void live(told.argv, told.terminal).then((status) => process.exit(status));
});

async function live(argv: readonly string[], terminal: TerminalFacts): Promise<number> {
  const tell = (message: FromSupervisor): void => {
    if (process.connected) process.send?.(message, undefined, {}, () => {});
  };
  const io = supervisedIo(tell, log, terminal.isTerminal);
  process.on("message", (message) => {
    const told = message as ToSupervisor;
    if (told.kind === "answer") io.answered(told.yes);
  });
  process.once("disconnect", () => io.alone());
  let failure: unknown;
  let status = await run(argv, terminal, io, tell).catch((error: unknown) => statusOf((failure = error)));
  for (const bug of ending.bugs) failure ??= bug;
  if (failure !== undefined) {
    status = statusOf(failure);
    if (!isInterruption(failure)) log.write(reportOf(failure));
    await new Promise<void>((resolve) => {
      if (!process.connected) resolve();
      else process.send?.({ kind: "failed", failure: textOf(failure) } satisfies FromSupervisor, undefined, {}, () => resolve());
    });
  }
  log.write(isInterruption(failure) ? "It was stopped." : `It ended with status ${status}.`);
  log.close();
  bundled()?.keepCompiled();
  return status;
}

async function run(argv: readonly string[], terminal: TerminalFacts, io: ReturnType<typeof supervisedIo>, tell: (message: FromSupervisor) => void): Promise<number> {
  const { command, flags, words, rest } = parse(argv);
  const { default: start } = await command.load();
  const held = {
    terminal,
    onReady(name: string) {
      tell({ kind: "ready", name });
      const { CLOCHE_BENCH_TIMINGS: file } = process.env;
      if (file !== undefined) void import("../cli/timings.ts").then(({ writeTimings }) => writeTimings(`${file}.session`));
    },
    onName: (name: string) => log.open(directories().state, name),
  };
  const signal = AbortSignal.any([ending.signal, interrupted.signal]);
  return await start({ argv, flags, words, rest, env: process.env, directory: flags.value("directory") ?? ".", io, signal, held });
}
