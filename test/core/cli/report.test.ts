import { expect } from "chai";
import { fail as usage } from "../../../core/cli/failures.ts";
import { jsonText, tableText } from "../../../core/cli/output.ts";
import { isInterruption, reportOf, statusOf } from "../../../core/cli/report.ts";
import { ReaderGone } from "../../../core/cli/ending.ts";
import { failures } from "../../../core/support/errors.ts";
import { Interrupted } from "../../../core/support/interrupted.ts";
import { hide } from "../../../core/support/log.ts";

const fail = failures({ LAMP_BROKEN: (f: { lamp: string }) => ({ message: `The lamp ${f.lamp} is broken.`, hint: "Change it.\nOr sit in the dark." }) });

/** What `await using` throws when both the work and the undoing failed. */
function suppressed(first: unknown, later: unknown): Error {
  return Object.assign(new Error("both"), { name: "SuppressedError", suppressed: first, error: later });
}

describe("Telling the user of an error", () => {
  it("says what happened, what to do, what was behind it, and the code", () => {
    const cause = new Error("fuse blown", { cause: new Error("lightning\nstack of lightning") });
    expect(reportOf(fail("LAMP_BROKEN", { lamp: "A" }, { cause }))).to.equal(
      "cloche: The lamp A is broken.\n  Change it.\n  Or sit in the dark.\n  Because: fuse blown\n  Because: lightning\n  (LAMP_BROKEN)",
    );
  });

  it("does not repeat a cause that the message quotes", () => {
    expect(reportOf(fail("LAMP_BROKEN", { lamp: "fuse blown" }, { cause: new Error("fuse blown") }))).to.not.include("Because");
  });

  it("shows a bug with its stack, and where to report it", () => {
    const text = reportOf(new TypeError("x is not a function"));
    expect(text).to.include("a bug in cloche").and.include("report.test.ts").and.include("CONTRIBUTING.md");
    expect(reportOf("a string was thrown")).to.include("thrown: a string was thrown");
    expect(reportOf(undefined)).to.include("thrown: undefined");
  });

  it("keeps what failed while cleaning up, and the first thing first", () => {
    const error = suppressed(fail("LAMP_BROKEN", { lamp: "A" }), new AggregateError([new Error("rm"), new Error("umount")]));
    const text = reportOf(error);
    expect(text).to.match(/^cloche: The lamp A/).and.include("While cleaning up: rm\n").and.include("While cleaning up: umount");
    expect(statusOf(suppressed(new Interrupted("SIGINT"), new Error("rm")))).to.equal(130);
    expect(isInterruption(suppressed(new Interrupted("SIGINT"), new Error("rm")))).to.equal(false);
  });

  it("hides secrets and makes control characters visible, also in causes and stacks", () => {
    hide("s3cr3t-of-the-report");
    const cause = new Error("with s3cr3t-of-the-report \u001b]0;owned\u0007");
    for (const text of [reportOf(fail("LAMP_BROKEN", { lamp: "\u001b[2J" }, { cause })), reportOf(cause), reportOf(suppressed(cause, cause))]) {
      expect(text).to.not.include("s3cr3t").and.not.include("\u001b").and.not.include("\u0007");
    }
  });

  it("names what failed in a teardown alone, however deep it lies, rather than calling it a bug", () => {
    const error = new AggregateError([new AggregateError([fail("LAMP_BROKEN", { lamp: "A" })], "taps"), new Error("umount")], "2 steps");
    const text = reportOf(error);
    expect(text).to.include("(LAMP_BROKEN)").and.include("While cleaning up: umount").and.not.include("bug");
    expect(statusOf(error)).to.equal(125);
  });

  it("ends with 2 for a wrong command line, the signal's number for a signal, 125 for the rest", () => {
    expect(statusOf(usage("USAGE_SET_FORM", { given: "x" }))).to.equal(2);
    expect(["SIGINT", "SIGTERM", "SIGHUP"].map((name) => statusOf(new Interrupted(name as "SIGINT")))).to.deep.equal([130, 143, 129]);
    expect(statusOf(new ReaderGone())).to.equal(141);
    expect(statusOf(fail("LAMP_BROKEN", { lamp: "A" }))).to.equal(125);
    expect(statusOf(new Error("bug"))).to.equal(125);
  });
});

describe("Output", () => {
  it("aligns columns, one safe line a row", () => {
    expect(tableText([["a", "b"], ["long", "x\ny\u001b"]])).to.equal("a     b\nlong  x\\u{a}y\\u{1b}");
  });

  it("stays JSON while it is made harmless and secrets are hidden", () => {
    hide("s3cr3t-in-json");
    const value = { name: "\u001b[2J\u202e\u009b", "s3cr3t-in-json": 1 };
    const text = jsonText(value);
    expect(text).to.not.match(/[\u001b\u202e\u009b]/);
    expect(JSON.parse(text)).to.deep.equal({ name: value.name, "[hidden]": 1 });
  });
});
