import { escapeText } from "./escape.ts";
import { withoutSecrets } from "./log.ts";

/** What a failure tells the user: what happened, and what to do next. */
export interface Failure {
  readonly message: string;
  readonly hint: string;
}

/** Failure codes with the facts each needs; every part keeps its own in a file called `failures.ts`. */
export type Catalogue = Record<string, (facts: never) => Failure>;

/** A foreseen failure. Anything else that is thrown is a bug and keeps its stack. */
export class ClocheError extends Error {
  override readonly name: string = "ClocheError";
  readonly code: string;
  readonly hint: string;

  constructor(code: string, failure: Failure, options?: ErrorOptions) {
    super(withoutSecrets(escapeText(failure.message)), options);
    this.code = code;
    this.hint = withoutSecrets(escapeText(failure.hint));
  }
}

/**
 * Makes the one door through which a part reports its failures: `fail("CODE", facts, { cause })` answers the error to
 * throw, and the compiler checks that the facts fit the code.
 */
export function failures<C extends Catalogue>(catalogue: C) {
  function fail<K extends keyof C & string>(code: K, facts: Parameters<C[K]>[0], options?: ErrorOptions): ClocheError {
    const describe = catalogue[code] as (facts: Parameters<C[K]>[0]) => Failure;
    return new ClocheError(code, describe(facts), options);
  }
  return Object.assign(fail, { codes: Object.keys(catalogue) as readonly string[] });
}

/** Whether an error is a foreseen failure with this code, wherever in its chain of causes it stands. */
export function isFailure(error: unknown, code: string): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof ClocheError && current.code === code) return true;
  }
  return false;
}

/** The text of whatever was thrown, for facts of a failure. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
