import { expect } from "chai";
import { ClocheError } from "../../../core/support/errors.ts";
import { Interrupted } from "../../../core/support/interrupted.ts";
import { textOf } from "../../../core/supervisor/failure-text.ts";

/** As `await using` throws it when the undoing fails too. */
function both(first: unknown, ...later: readonly unknown[]): Error {
  return Object.assign(new Error("An error was suppressed during disposal."), { name: "SuppressedError", suppressed: first, error: new AggregateError(later) });
}

describe("An error that crosses from a session's process", () => {
  it("is what came first, with what is behind it and what failed while it was being undone", () => {
    const first = new ClocheError("X", { message: "no room", hint: "make some" }, { cause: new Error("ENOSPC") });
    expect(textOf(both(first, new Error("still there"), new Error("late")))).to.deep.equal({
      code: "X", message: "no room", hint: "make some", stack: undefined, causes: ["ENOSPC", "while cleaning up: still there", "while cleaning up: late"], signal: undefined,
    });
  });

  it("says that it was stopped, whatever failed after that", () => {
    expect(textOf(both(new Interrupted("SIGTERM"), new Error("late")))).to.deep.include({ signal: "SIGTERM", causes: ["while cleaning up: late"] });
  });

  it("says at most four causes, and the stack of a bug alone", () => {
    const deep = Array.from({ length: 9 }).reduce<Error>((cause, _, index) => new Error(`${index}`, { cause }), new Error("end"));
    const { causes, stack, code } = textOf(deep);
    expect([causes, code]).to.deep.equal([["7", "6", "5", "4"], undefined]);
    expect(stack).to.include("failure-text.test");
  });
});
