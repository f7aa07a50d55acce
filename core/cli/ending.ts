import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../support/errors.ts";
import { Interrupted, SIGNAL_STATUS, type InterruptSignal } from "../support/interrupted.ts";
import { fail } from "./failures.ts";

const SIGNALS: readonly InterruptSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
const SIGPIPE = 13;

/** Exit status when cloche itself failed, so that it is not taken for the status of the user's command. */
export const FAILED_STATUS = 125;

/** The same signal once more within this time, in ms, is not a second wish. */
const ECHO_MS = 500;

/** How long a session may take to close after a bug was caught, in ms. */
const CLOSING_MS = 30_000;

/** How long a stalled reader of our output may hold up an end that was asked for, in ms. */
const STALLED_MS = 2_000;

/** Whoever read our output went away, as `head` does when it has enough; nothing failed. */
export class ReaderGone extends Error {
  override readonly name = "ReaderGone";
  readonly exitStatus = SIGNAL_STATUS + SIGPIPE;
}

/** Why the process is to end before its work is done: a signal, a bug that nobody caught, or an output that cannot be written. */
export class Ending {
  readonly #controller = new AbortController();
  readonly #bugs: unknown[] = [];
  #loss: Error | undefined;

  /** Aborts with the reason. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Errors that nobody caught. The command may throw the first one too, since it is why it was aborted. */
  get bugs(): readonly unknown[] {
    return this.#bugs;
  }

  /** Why output was lost; it may come out only after the command has ended well. */
  get loss(): Error | undefined {
    return this.#loss;
  }

  /** Listens to what can end the process. The first signal lets everything be undone; the second one, or a stuck end, exits at once. */
  listen(source: NodeJS.Process, exit: (status: number) => void, signals: readonly InterruptSignal[] = SIGNALS): void {
    let latest = { name: "", at: 0 };
    for (const name of signals) {
      source.on(name, () => {
        const interrupted = new Interrupted(name);
        const at = performance.now();
        // timeout signals its child and then the group, npm passes on what the group had: one wish, heard two or three times
        const isEcho = latest.name === name && at - latest.at < ECHO_MS;
        if (!isEcho) latest = { name, at };
        if (!this.signal.aborted) this.#controller.abort(interrupted);
        else if (!isEcho) exit(interrupted.exitStatus);
      });
    }
    const onBug = (error: unknown): void => {
      this.#bugs.push(error);
      if (!this.signal.aborted) this.#controller.abort(error);
      setTimeout(() => exit(FAILED_STATUS), CLOSING_MS).unref();
    };
    source.on("uncaughtException", onBug);
    source.on("unhandledRejection", onBug);
    source.stdout.on("error", (error) => this.#lostOutput(error));
    // there is no place left to say it
    source.stderr.on("error", () => {});
  }

  /** Waits until all that was written has left, or cannot leave any more. */
  async flushed(streams: readonly Writable[]): Promise<void> {
    const leaving = (stream: Writable) =>
      new Promise<void>((resolve) => (stream.writable ? stream.write("", () => resolve()) : resolve()));
    const gone = Promise.all(streams.map(leaving));
    // somebody who wants us to end does not wait for a reader that stalls
    await (this.signal.aborted ? Promise.race([gone, sleep(STALLED_MS)]) : gone);
    await new Promise(setImmediate); // a stream tells its error after it has answered the write
  }

  #lostOutput(error: NodeJS.ErrnoException): void {
    // a terminal that is gone says EIO
    const isGone = error.code === "EPIPE" || error.code === "EIO";
    this.#loss ??= isGone
      ? new ReaderGone("nobody reads the output")
      : fail("OUTPUT_LOST", { stream: "standard output", reason: messageOf(error) }, { cause: error });
    if (!this.signal.aborted) this.#controller.abort(this.#loss);
  }
}
