#!/usr/bin/env node
import { understand, type Understood } from "./cli/understand.ts";
import { commandHelp, generalHelp, groupHelp } from "./cli/help.ts";
import { isAboutOptions, optionHelp } from "./cli/option-help.ts";
import { Ending } from "./cli/ending.ts";
import { isInterruption, reportOf, statusOf } from "./cli/report.ts";
import { bundled } from "./support/bundled.ts";
import { hearLauncher } from "./support/launcher.ts";
import { note } from "./support/timings.ts";
import { packageVersion } from "./cli/version.ts";

const { stdout, stderr, env } = process;
const ending = new Ending();
hearLauncher(env);

// what only informs must be there at once, so the rest is loaded when it is needed
async function main(argv: readonly string[]): Promise<number> {
  const understood = await understand(argv);
  const { parsed } = understood;
  if (parsed.flags.has("help")) return print(helpOf(understood) + (await optionsIn(understood)));
  if (parsed.flags.has("version")) return print(packageVersion());
  const [{ commandIo }, { default: command }] = await Promise.all([import("./cli/io.ts"), parsed.command.load()]);
  const { flags, words, rest } = parsed;
  const io = commandIo(process, env, flags.has("quiet"), ending.signal);
  const directory = flags.value("directory") ?? ".";
  note("load the command", 0);
  try {
    return await command({ argv, flags, words, rest, env, directory, io, signal: ending.signal });
  } finally {
    io.progress.hide();
    io.progress.show();
    const file = env["CLOCHE_BENCH_TIMINGS"];
    if (file !== undefined || flags.has("timings")) await tellTimings(file, (text) => flags.has("timings") && io.warn(text));
  }
}

async function tellTimings(file: string | undefined, show: (text: string) => void): Promise<void> {
  const { timingLines, writeTimings } = await import("./cli/timings.ts");
  show(timingLines());
  if (file !== undefined) writeTimings(file);
}

function helpOf({ parsed: { command, group, named }, commands }: Understood): string {
  if (!named) return generalHelp(commands);
  return group === undefined ? commandHelp(command) : groupHelp(group, commands);
}

async function optionsIn({ parsed: { command, named } }: Understood): Promise<string> {
  return named && isAboutOptions(command) ? await optionHelp(env) : "";
}

function print(text: string): number {
  stdout.write(`${text}\n`);
  return 0;
}

function report(error: unknown): number {
  const bold = stderr.isTTY && !env["NO_COLOR"] && env["TERM"] !== "dumb" ? (text: string) => `\u001b[1m${text}\u001b[22m` : undefined;
  if (!isInterruption(error)) stderr.write(`${reportOf(error, bold)}\n`);
  return statusOf(error);
}

async function live(argv: readonly string[]): Promise<never> {
  ending.listen(process, (status) => process.exit(status));
  let failure: unknown;
  let status = await main(argv).catch((error: unknown) => report((failure = error)));
  for (const bug of ending.bugs) if (bug !== failure) status = report(bug);
  await ending.flushed([stdout, stderr]);
  if (ending.loss && status === 0) status = report(ending.loss);
  bundled()?.keepCompiled();
  process.exit(status);
}

void live(process.argv.slice(2));
