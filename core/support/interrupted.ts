import { constants } from "node:os";

/** The signals by which a user or the system asks us to end. */
export type InterruptSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/**
 * Why everything is being ended: a signal came. Whoever catches the signal aborts the session's AbortSignal with this as its
 * reason, and whoever is aborted throws it on.
 */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly signal: InterruptSignal;

  constructor(signal: InterruptSignal) {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }

  /** What a shell shows for a program that this signal ended. */
  get exitStatus(): number {
    return SIGNAL_STATUS + constants.signals[this.signal];
  }
}

/** Added to a signal's number, it is the exit status that shells show. */
export const SIGNAL_STATUS = 128;
