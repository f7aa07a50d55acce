import type { Readable, Writable } from "node:stream";
import type { TerminalFacts } from "../supervisor/messages.ts";
import type { ScreenProgress } from "../support/progress.ts";

/** The streams and voices that a command has; it prints in no other way. */
export interface CommandIo {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly progress: ScreenProgress;
  /** One or more lines of the command's answer, on standard output; what could harm a terminal is made visible. */
  print(line: string): void;
  /** The command's answer for programs, on standard output. */
  printJson(value: unknown): void;
  /** Clears the terminal and shows this instead, for answers that go on. */
  repaint(text: string): void;
  /** A line beside the answer, on standard error. */
  warn(line: string): void;
  /** A yes or no by the user; no without asking when there is no terminal. */
  ask(question: string): Promise<boolean>;
}

/** What a process that keeps a detached session has in place of a terminal. */
export interface Held {
  readonly terminal: TerminalFacts;
  /** Hears the session's name as soon as it has one. */
  onName(name: string): void;
  /** Hears that the command runs. */
  onReady(name: string): void;
}

/** One start of a command: what was typed, and where. */
export interface Invocation {
  /** The arguments as they were typed. */
  readonly argv: readonly string[];
  readonly flags: Flags;
  /** Words that are no options, such as the name of a plugin; the command line of `exec`. */
  readonly words: readonly string[];
  /** What followed `--`, untouched. */
  readonly rest: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The directory it was started in, or the one of -C; not checked yet. */
  readonly directory: string;
  readonly io: CommandIo;
  /** Aborts when the user wants it to end. */
  readonly signal: AbortSignal;
  /** In the process of a detached session. */
  readonly held?: Held;
}

/** The options that were typed, by their names in the command table. */
export interface Flags {
  has(name: string): boolean;
  /** The value of an option that takes one; the last one when it was given twice. */
  value(name: string): string | undefined;
  /** All options in the order typed, with their values. */
  readonly all: readonly { readonly name: string; readonly value: string | undefined }[];
}

/** What a module in this folder exports: does its work and answers the exit status. */
export type Command = (invocation: Invocation) => Promise<number>;
