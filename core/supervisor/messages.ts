import type { InterruptSignal } from "../support/interrupted.ts";
import type { TerminalSize } from "../machine/guest.ts";

/** What the starting cloche tells the process that is to keep the session. */
export type ToSupervisor =
  | {
      readonly kind: "start";
      /** The command line as it was typed. */
      readonly argv: readonly string[];
      readonly terminal: TerminalFacts;
    }
  | { readonly kind: "answer"; readonly yes: boolean }
  /** The user wants an end before the session is ready. */
  | { readonly kind: "interrupt" };

/** The terminal on which a session was started. */
export interface TerminalFacts {
  readonly isTerminal: boolean;
  readonly size: TerminalSize;
  /** TERM and COLORTERM of the user's environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** What the session's process tells the starting cloche, until the session is ready. */
export type FromSupervisor =
  | { readonly kind: "step"; readonly title: string }
  | { readonly kind: "update"; readonly fraction: number | undefined; readonly detail: string | undefined }
  | { readonly kind: "say"; readonly line: string }
  | { readonly kind: "print"; readonly line: string }
  | { readonly kind: "ask"; readonly question: string }
  /** The command runs: who started it may go. */
  | { readonly kind: "ready"; readonly name: string }
  | { readonly kind: "failed"; readonly failure: FailureText };

/** An error as it crosses from one process to another. */
export interface FailureText {
  /** Undefined for what is not a foreseen failure. */
  readonly code: string | undefined;
  readonly message: string;
  readonly hint: string;
  readonly stack: string | undefined;
  /** What was behind it, the nearest first. */
  readonly causes: readonly string[];
  /** The signal that it was, when somebody wanted an end. */
  readonly signal: InterruptSignal | undefined;
}
