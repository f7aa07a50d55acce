import { expect } from "chai";
import { closest, didYouMean } from "../../../core/support/suggest.ts";

const COMMANDS = ["run", "shell", "exec", "build", "plugin", "config", "doctor", "ls"];

describe("Guessing what was meant", () => {
  for (const [typed, meant] of [
    ["exce", "exec"],
    ["shel", "shell"],
    ["dcotor", "doctor"],
    ["configure", "config"],
    ["PLUGIN", "plugin"],
    ["plugins", "plugin"],
    ["biuld", "build"],
  ] as const) {
    it(`takes ${typed} for ${meant}`, () => expect(closest(typed, COMMANDS)).to.equal(meant));
  }

  for (const typed of ["", "make", "fix the bug in main.ts", "x".repeat(1_000_000), "--"]) {
    it(`does not guess at ${JSON.stringify(typed.slice(0, 30))}`, () => expect(closest(typed, COMMANDS)).to.equal(undefined));
  }

  it("is one sentence at the end of a message, or nothing", () => {
    expect(didYouMean("exce", COMMANDS)).to.equal(' Did you mean "exec"?');
    expect(didYouMean("zzz", COMMANDS)).to.equal("");
  });
});
