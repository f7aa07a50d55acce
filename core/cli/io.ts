import { createInterface } from "node:readline/promises";
import type { ReadStream, WriteStream } from "node:tty";
import type { CommandIo } from "../commands/command.ts";
import type { ScreenProgress } from "../support/progress.ts";
import { jsonText, safeText } from "./output.ts";
import { PlainProgress } from "./plain-progress.ts";
import { TerminalProgress } from "./terminal-progress.ts";

/** The streams of the process. */
export interface Streams {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
}

type Environment = Readonly<Record<string, string | undefined>>;

const NARROWEST = 20;

/** The voices of a command on these streams. */
export function commandIo(streams: Streams, env: Environment, quiet: boolean, signal: AbortSignal): CommandIo {
  const { stdout, stderr } = streams;
  const progress = quiet ? quietProgress(stderr) : progressOn(stderr, env);
  return {
    // Node loads what reads a file, a pipe or a terminal when it is asked for, and most commands read nothing
    get stdin() {
      return streams.stdin;
    },
    stdout,
    stderr,
    progress,
    print: (line) => void stdout.write(`${safeText(line)}\n`),
    repaint: (text) => void stdout.write(`\u001b[H\u001b[J${safeText(text)}\n`),
    printJson: (value) => void stdout.write(`${jsonText(value)}\n`),
    warn: (line) => progress.say(line),
    ask: async (question) => {
      if (!streams.stdin.isTTY || !stderr.isTTY) return false;
      progress.hide();
      try {
        return await answerOf(streams, safeText(question), signal);
      } finally {
        progress.show();
      }
    },
  };
}

/** Whether text on this stream may have colours: a terminal that knows them, and no NO_COLOR. */
export function hasColors(stream: WriteStream, env: Environment): boolean {
  return stream.isTTY && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}

function progressOn(stderr: WriteStream, env: Environment): ScreenProgress {
  const canMove = stderr.isTTY && env["TERM"] !== "dumb" && env["TERM"] !== undefined && stderr.columns >= NARROWEST;
  if (!canMove) return new PlainProgress(stderr);
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return new TerminalProgress({ stream: stderr, colors: hasColors(stderr, env), unicode: /utf-?8/i.test(locale) && env["TERM"] !== "linux" });
}

/** Only what is said; no steps. */
function quietProgress(stderr: WriteStream): ScreenProgress {
  const plain = new PlainProgress(stderr);
  return { step() {}, update() {}, say: (line) => plain.say(line), hide: () => plain.hide(), show: () => plain.show() };
}

async function answerOf({ stdin, stderr }: Streams, question: string, signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: stderr });
  // readline takes Ctrl-C for itself while it reads; the process should have it
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  try {
    const ended = new Promise<string>((resolve) => lines.once("close", () => resolve("no")));
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    lines.close();
  }
}
