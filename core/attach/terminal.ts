import { execFileSync } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { TerminalSize } from "../machine/guest.ts";

/** Where the user's input comes from: a terminal, a pipe or a file. */
export interface LocalInput extends Readable {
  readonly isTTY?: boolean;
}

/** Where the command's output goes. */
export interface LocalOutput extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** The local ends of an attached command: our own standard streams, or what a client of the control socket sends. */
export interface TerminalPort {
  readonly stdin: LocalInput;
  readonly stdout: LocalOutput;
  readonly stderr: LocalOutput;
  /** The user's environment; only TERM and COLORTERM are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Makes the terminal pass every byte as it is, in both directions, or gives it back its own modes. */
  setRaw(raw: boolean): void;
  /** Hears that we were stopped and go on, when the terminal may have been given other modes. Answers how to stop hearing. */
  onContinue(listener: () => void): () => void;
}

/** The terminal that the process was started on. Nothing is read from it until somebody attaches. */
export function processTerminal(): TerminalPort {
  return {
    // getters, since Node opens each stream when it is first asked for
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return process.stdout;
    },
    get stderr() {
      return process.stderr;
    },
    env: process.env,
    setRaw(raw) {
      process.stdin.setRawMode(raw);
      // What is not written yet when we end must not stop us.
      if (raw || process.stdout.writableLength === 0) setBlocking(process.stdout, !raw);
      // Node's raw mode still turns a line feed into carriage return and line feed, which garbles full-screen programs.
      if (raw) execFileSync("/bin/stty", ["-opost"], { stdio: ["inherit", "ignore", "ignore"] });
    },
    onContinue(listener) {
      process.on("SIGCONT", listener);
      return () => void process.off("SIGCONT", listener);
    },
  };
}

/** Node writes to terminals in a way that stops all of us while the terminal takes nothing; it offers no public way to change that. */
function setBlocking(stream: LocalOutput, blocking: boolean): void {
  const { _handle: handle } = stream as { _handle?: { setBlocking?(blocking: boolean): unknown } };
  handle?.setBlocking?.(blocking);
}

/** Whether a full-screen program can run here: both ends are terminals. */
export function isInteractive(terminal: TerminalPort): boolean {
  return terminal.stdin.isTTY === true && terminal.stdout.isTTY === true;
}

const FALLBACK: TerminalSize = { columns: 80, rows: 24 };
const LARGEST = 10_000;

/** The terminal's size; a common one where it is unknown, as with terminals that say 0×0. */
export function sizeOf({ stdout }: { readonly stdout: Pick<LocalOutput, "columns" | "rows"> }): TerminalSize {
  return { columns: within(stdout.columns, FALLBACK.columns), rows: within(stdout.rows, FALLBACK.rows) };
}

function within(value: number | undefined, fallback: number): number {
  return value === undefined || !(value > 0) ? fallback : Math.min(Math.floor(value), LARGEST);
}
