import { partsOf } from "../cli/report.ts";
import { ClocheError, messageOf } from "../support/errors.ts";
import { Interrupted } from "../support/interrupted.ts";
import { withoutSecrets } from "../support/log.ts";
import type { FailureText } from "./messages.ts";

const MOST_CAUSES = 4;

/** What the starting cloche is told of an error: what came first, what is behind it, and what failed while it was being undone. */
export function textOf(failure: unknown): FailureText {
  const { first: error, later } = partsOf(failure);
  const known = error instanceof ClocheError ? error : undefined;
  const stack = error instanceof Error && !known ? withoutSecrets(error.stack ?? "") : undefined;
  const signal = error instanceof Interrupted ? error.signal : undefined;
  const causes = [...causesOf(error), ...later.map((other) => `while cleaning up: ${withoutSecrets(messageOf(other))}`)].slice(0, MOST_CAUSES);
  return { code: known?.code, message: withoutSecrets(messageOf(error)), hint: known?.hint ?? "", stack, causes, signal };
}

function causesOf(error: unknown): readonly string[] {
  const causes: string[] = [];
  for (let cause = error instanceof Error ? error.cause : undefined; cause !== undefined && causes.length < MOST_CAUSES; cause = cause instanceof Error ? cause.cause : undefined) {
    causes.push(withoutSecrets(messageOf(cause)));
  }
  return causes;
}
