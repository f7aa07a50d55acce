import { expect } from "chai";
import { ClocheError, failures, isFailure } from "../../../core/support/errors.ts";
import { hide, withoutSecrets } from "../../../core/support/log.ts";
import { escapeLine, escapeText } from "../../../core/support/escape.ts";

const fail = failures({
  DOOR_STUCK: (f: { door: string }) => ({ message: `The door ${f.door} is stuck.`, hint: `Push ${f.door} harder.` }),
});

describe("A failure", () => {
  it("carries its code, message, hint and cause", () => {
    const cause = new Error("rust");
    const error = fail("DOOR_STUCK", { door: "north" }, { cause });
    expect(error).to.be.instanceOf(ClocheError);
    expect(error).to.include({ code: "DOOR_STUCK", message: "The door north is stuck.", hint: "Push north harder.", cause });
  });

  it("shows no terminal control that a hostile name brings along", () => {
    const error = fail("DOOR_STUCK", { door: "\u001b]52;c;AAAA\u0007\u202e" });
    expect(error.message).to.equal("The door \\u{1b}]52;c;AAAA\\u{7}\\u{202e} is stuck.");
  });

  it("shows no secret, in whichever form", () => {
    hide("sesame-open-123");
    const base64 = Buffer.from("sesame-open-123").toString("base64");
    const error = fail("DOOR_STUCK", { door: `sesame-open-123 and ${base64}` });
    expect(error.message).to.equal("The door [hidden] and [hidden] is stuck.");
    expect(withoutSecrets("nothing here")).to.equal("nothing here");
  });

  it("is found by its code anywhere in the chain of causes", () => {
    const outer = new Error("outer", { cause: fail("DOOR_STUCK", { door: "west" }) });
    expect(isFailure(outer, "DOOR_STUCK")).to.equal(true);
    expect(isFailure(outer, "WINDOW_STUCK")).to.equal(false);
  });
});

describe("Escaping", () => {
  it("makes one safe line of a hostile name", () => {
    expect(escapeLine("a\nb\tc\u009bd")).to.equal("a\\u{a}b\\u{9}c\\u{9b}d");
  });

  it("keeps the lines and tabs of longer output", () => {
    expect(escapeText("a\r\nb\tc\u001b[31m")).to.equal("a\nb\tc\\u{1b}[31m");
  });
});
