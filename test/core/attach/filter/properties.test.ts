import { expect } from "chai";
import fc from "fast-check";
import { FRAGMENTS, cutStreams, listening, passed, streams } from "./support.ts";
import { escapeLine, escapeText } from "../../../../core/support/escape.ts";

const RUNS = { numRuns: 3000 };

// All that may come out, said once more and differently: text without C0, DEL and C1 but for a few, and these sequences.
const NUMBERS = "(?:\\d{1,5}|;)*";
const UNITS: readonly string[] = [
  "[\\x07-\\x0f]", "[\\x20-\\x7e]", "[^\\x00-\\x9f]",
  "\\x1b[78DEMH=>]", "\\x1b[()*+][0AB]",
  `\\x1b\\[[\\d;:]*m`, `\\x1b\\[${NUMBERS}[@A-MPSTXZ\`abdefgr]`, "\\x1b\\[(?:\\d*;?\\d*)s", "\\x1b\\[u", "\\x1b\\[4[hl]",
  "\\x1b\\[\\?(?:\\d{1,4};)*\\d{1,4}[hl]", "\\x1b\\[[0-6]? q", "\\x1b\\[!p",
  "\\x1b\\[>(?:4(?:;\\d*)?)?m", "\\x1b\\[[<>]\\d*u", "\\x1b\\[=\\d*(?:;\\d*)?u",
  "\\x1b\\[>?0?c", "\\x1b\\[>0?q", "\\x1b\\[[56]n", "\\x1b\\[\\?(?:6|996)n", "\\x1b\\[\\?4m", "\\x1b\\[\\?0?u", "\\x1b\\[\\??\\d*\\$p", "\\x1b\\[1[468]t",
  "\\x1b\\]8;(?:id=[^;\\x00-\\x20]*)?;(?:https?://[\\x21-\\x7e]+)?\\x1b\\\\", "\\x1b\\]1[01];\\?(?:\\x07|\\x1b\\\\)",
];
const GOOD = new RegExp(`^(?:${UNITS.join("|")})*$`, "u");
const MODES = [1, 5, 6, 7, 9, 12, 25, 45, 47, 66, 69, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1048, 1049, 2004, 2026, 2027, 2031, 2048];

function isGood(bytes: Buffer): boolean {
  const text = bytes.toString("utf8");
  const modes = [...text.matchAll(/\x1b\[\?([\d;]+)[hl]/g)].flatMap(([, numbers = ""]) => numbers.split(";").map(Number));
  return Buffer.from(text).equals(bytes) && GOOD.test(text) && modes.every((mode) => MODES.includes(mode));
}

describe("what reaches the user's terminal", function () {
  this.timeout(60_000);

  it("is on the list, whatever is sent", () => {
    fc.assert(fc.property(streams, (stream) => isGood(passed([stream]))), RUNS);
  });

  it("is what the list is for: much of what is sent is not on it", () => {
    const bad = FRAGMENTS.filter((fragment) => !isGood(Buffer.from(fragment)));
    expect(bad.length).to.be.greaterThan(60);
    expect(FRAGMENTS.length - bad.length).to.be.greaterThan(30);
  });

  it("is the same in whatever pieces it comes", () => {
    fc.assert(fc.property(cutStreams, ({ stream, pieces }) => passed(pieces).equals(passed([stream]))), RUNS);
    for (const fragment of FRAGMENTS) {
      const bytes = Buffer.from(`a${fragment}b`);
      const whole = passed([bytes]);
      for (let cut = 0; cut <= bytes.length; cut += 1) expect(passed([bytes.subarray(0, cut), bytes.subarray(cut)])).to.deep.equal(whole);
      expect(passed([...bytes].map((byte) => Buffer.of(byte)))).to.deep.equal(whole);
    }
  });

  it("passes a second time as it is", () => {
    fc.assert(fc.property(streams, (stream) => {
      const once = passed([stream]);
      return passed([once]).equals(once);
    }), RUNS);
  });

  it("ends between two characters or sequences after each piece, so that ours may follow", () => {
    fc.assert(fc.property(cutStreams, ({ pieces }) => {
      const { filter } = listening();
      return pieces.every((piece) => isGood(Buffer.from(filter.filter(piece))));
    }), RUNS);
  });

  it("holds no question when nobody of the guest's would get the answer", () => {
    const question = /\x1b\[[>?]?[\d;]*(?:c|n|q|\$p|t)|\x1b\[\?\d*[mu]|\x1b\]1[01]/;
    fc.assert(fc.property(streams, (stream) => !question.test(passed([stream], { answers: false }).toString("latin1"))), RUNS);
    expect(passed(["\x1b[c\x1b[6n\x1b]11;?\x07\x1b[?u"]).toString()).to.match(question);
  });

  it("leaves text alone, and sets back what was set", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const clean = text.replace(/[\u0000-\u0006\u0010-\u001f\u007f-\u009f]/g, "");
      expect(passed([clean]).toString()).to.equal(Buffer.from(clean).toString());
    }), RUNS);
    fc.assert(fc.property(streams, (stream) => {
      const { filter } = listening();
      filter.filter(stream);
      const sent = Buffer.from(filter.state.restore());
      return isGood(sent) && filter.state.restore() === "";
    }), RUNS);
  });

  it("lets through what our own encoder of logs and messages makes of anything", () => {
    fc.assert(fc.property(streams, (stream) => {
      const text = stream.toString("utf8");
      for (const encoded of [escapeLine(text), escapeText(text)]) expect(passed([encoded]).toString()).to.equal(encoded);
    }), RUNS);
  });
});
