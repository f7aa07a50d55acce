import { setTimeout as sleep } from "node:timers/promises";
import type { CommandEnd, GuestChannel } from "../machine/guest.ts";
import { messageOf } from "../support/errors.ts";
import { Interrupted, SIGNAL_STATUS } from "../support/interrupted.ts";
import type { Desk } from "./desk.ts";
import { exitStatus } from "./exit-status.ts";
import { fail } from "./failures.ts";
import { feed, swallow } from "./input.ts";
import { pour } from "./output.ts";
import { takeTerminal } from "./raw-terminal.ts";
import { Screen } from "./screen.ts";
import type { TerminalPort } from "./terminal.ts";

/** How a command is coupled with local streams. */
export interface AttachOptions {
  /** When it aborts, the command is sent the signal of an Interrupted, else TERM, and has `graceMs` to end by itself. */
  readonly signal: AbortSignal;
  /** Whether the command has a terminal. */
  readonly tty: boolean;
  readonly graceMs?: number;
  /** What the command may use besides drawing, when it has a terminal; nothing when not given. */
  readonly desk?: Desk | undefined;
  /** Hears what the user should know of an end that was not the command's own, after the terminal was given back. */
  say(line: string): void;
}

type Outcome =
  | { readonly kind: "ended"; readonly end: CommandEnd }
  | { readonly kind: "aborted"; readonly reason: unknown }
  | { readonly kind: "unwritable"; readonly error: Error };

const GRACE_MS = 2000;
const LAST_ANSWERS_MS = 100;
const SIGPIPE_STATUS = SIGNAL_STATUS + 13;
const END_OF_TERMINAL_INPUT = "\x04";

/**
 * Couples a running command with local streams until it ends, and answers the exit status to show: its own, 128 and the signal's
 * number, or 255 when the connection was lost. Throws the reason of `signal` when that aborts. The terminal is given back in any case.
 */
export async function attachChannel(channel: GuestChannel, terminal: TerminalPort, options: AttachOptions): Promise<number> {
  const screens = screensOf(terminal, options);
  const giveBack = options.tty ? takeTerminal(terminal, channel) : undefined;
  const stopFeeding = feed(terminal.stdin, channel.stdin, options.tty ? { endWith: END_OF_TERMINAL_INPUT, typed: (chunk) => options.desk?.typed(chunk) } : {});
  const outputs = new Outputs(channel, terminal, screens);
  let lost: string | undefined;
  try {
    const outcome = await outputs.outcome(options.signal);
    if (outcome.kind === "ended") {
      if (outcome.end.kind === "lost") lost = outcome.end.detail;
      return exitStatus(outcome.end);
    }
    await letEnd(channel, signalFor(outcome), outputs.done, options.graceMs ?? GRACE_MS);
    if (outcome.kind === "aborted") throw outcome.reason;
    if (isClosedPipe(outcome.error)) return SIGPIPE_STATUS;
    throw fail("ATTACH_OUTPUT_FAILED", { reason: messageOf(outcome.error) }, { cause: outcome.error });
  } finally {
    stopFeeding();
    channel.close();
    if (options.tty && screens.stdout?.mayAnswer === true && terminal.stdin.isTTY === true) await swallow(terminal.stdin, LAST_ANSWERS_MS);
    screens.stdout?.giveBack();
    screens.stderr?.giveBack();
    giveBack?.();
    if (lost !== undefined) options.say(`The connection with the guest is lost: ${lost}`);
  }
}

/** The screens that our outputs are, as far as they are terminals; other outputs get every byte as it is. */
function screensOf({ stdout, stderr, env }: TerminalPort, { tty, desk }: AttachOptions): Screens {
  const term = env["TERM"];
  return {
    stdout: stdout.isTTY === true ? new Screen(stdout, { whole: tty, term, desk: tty ? desk : undefined }) : undefined,
    stderr: stderr.isTTY === true ? new Screen(stderr, { whole: false, term }) : undefined,
  };
}

interface Screens {
  readonly stdout: Screen | undefined;
  readonly stderr: Screen | undefined;
}

class Outputs {
  /** Settles when the command has ended and our streams have taken all that it wrote. */
  readonly done: Promise<CommandEnd>;
  #unwritable!: (error: Error) => void;
  readonly #failed = new Promise<Error>((resolve) => (this.#unwritable = resolve));

  constructor(channel: GuestChannel, terminal: TerminalPort, screens: Screens) {
    const all = [
      pour(channel.stdout, terminal.stdout, { failed: this.#unwritable, screen: screens.stdout }),
      pour(channel.stderr, terminal.stderr, { failed: () => {}, screen: screens.stderr }),
    ];
    this.done = Promise.all(all).then(() => channel.ended);
  }

  async outcome(signal: AbortSignal): Promise<Outcome> {
    let onAbort: (() => void) | undefined;
    const aborted = new Promise<Outcome>((resolve) => {
      onAbort = () => resolve({ kind: "aborted", reason: signal.reason });
      if (signal.aborted) onAbort();
      else signal.addEventListener("abort", onAbort, { once: true });
    });
    const ended = this.done.then((end): Outcome => ({ kind: "ended", end }));
    const unwritable = this.#failed.then((error): Outcome => ({ kind: "unwritable", error }));
    try {
      return await Promise.race([aborted, unwritable, ended]);
    } finally {
      if (onAbort) signal.removeEventListener("abort", onAbort);
    }
  }
}

function signalFor(outcome: Exclude<Outcome, { kind: "ended" }>): string {
  if (outcome.kind === "unwritable") return "PIPE";
  return outcome.reason instanceof Interrupted ? outcome.reason.signal.replace(/^SIG/, "") : "TERM";
}

async function letEnd(channel: GuestChannel, signal: string, done: Promise<unknown>, graceMs: number): Promise<void> {
  const timer = new AbortController();
  channel.signal(signal);
  await Promise.race([done, sleep(graceMs, undefined, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
}

function isClosedPipe(error: Error): boolean {
  return "code" in error && error.code === "EPIPE";
}
