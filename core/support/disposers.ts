import { withDeadline } from "./deadline.ts";
import { timed } from "./timings.ts";

interface Undo {
  readonly name: string;
  readonly run: () => unknown;
  readonly deadlineMs: number;
}

const DEADLINE_MS = 10_000;

/**
 * What must be undone when a life ends, undone last-in first-out: every step runs, however the earlier ones ended.
 * Unlike AsyncDisposableStack it gives each step a deadline, and undoes at once what arrives after closing began.
 */
export class Disposers implements AsyncDisposable {
  #steps: Undo[] = [];
  #closing: Promise<void> | undefined;

  /** Whether undoing has begun; what is deferred from then on is undone at once. */
  get closing(): boolean {
    return this.#closing !== undefined;
  }

  /** Call it on the line after the thing came to be. The promise only matters when the scope is already closing. */
  async defer(name: string, run: () => unknown, deadlineMs: number = DEADLINE_MS): Promise<void> {
    const step = { name, run, deadlineMs };
    if (this.#closing) await undo(step);
    else this.#steps.push(step);
  }

  /** Undoes everything once; later calls wait for the same end. Throws an AggregateError of the steps that failed. */
  close(): Promise<void> {
    return (this.#closing ??= this.#undoAll());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #undoAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      await undo(step).catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} steps of the teardown failed`);
  }
}

async function undo({ name, run, deadlineMs }: Undo): Promise<void> {
  const late = () => new Error(`undoing "${name}" took longer than ${deadlineMs} ms`);
  await timed(`undo: ${name}`, () => withDeadline(Promise.resolve().then(run), deadlineMs, late));
}
