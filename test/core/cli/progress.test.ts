import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { PlainProgress } from "../../../core/cli/plain-progress.ts";
import { elapsed, fitted, percent } from "../../../core/cli/screen.ts";
import { TerminalProgress } from "../../../core/cli/terminal-progress.ts";

/** A stream that keeps what it is given; with `stuck`, one that never takes it. */
class Paper extends Writable {
  text = "";
  readonly columns: number;

  constructor(columns = 80, stuck = false) {
    super({ write: (chunk: Buffer, _encoding, done) => ((this.text += chunk.toString()), stuck || done()) });
    this.columns = columns;
  }

  /** What a terminal would show: lines, after cursor movements and erasures. */
  get shown(): string {
    const lines = [""];
    let row = 0;
    for (const [part] of this.text.matchAll(/\u001b\[(\d*)([A-Zm])|\r|\n|[^\u001b\r\n]+/g)) {
      const [, count, action] = /^\u001b\[(\d*)([A-Z])$/.exec(part) ?? [];
      if (action === "A") row -= Number(count);
      else if (action === "J") lines.splice(row, lines.length, "");
      else if (part === "\n") lines[++row] ??= "";
      else if (part !== "\r" && !part.startsWith("\u001b")) lines[row] += part;
    }
    return lines.join("\n");
  }
}

const terminal = (paper: Paper, colors = false) => new TerminalProgress({ stream: paper, colors, unicode: false });

describe("Progress on a terminal", () => {
  it("draws the step, how far and how long, and below it the detail", async () => {
    const paper = new Paper();
    const progress = terminal(paper);
    progress.step("Building the image");
    progress.update(0.434, "unpacking \u001b[2J");
    await sleep(150);
    expect(paper.shown).to.match(/^[|/\\-] Building the image {2}43 % {2}0 s\n {2}unpacking \\u\{1b\}\[2J$/);
    progress.hide();
  });

  it("redraws in place, and erases every trace", async () => {
    const paper = new Paper();
    const progress = terminal(paper, true);
    progress.step("One");
    progress.update(undefined, "detail");
    await sleep(250);
    progress.step("Two");
    await sleep(150);
    expect(paper.shown.split("\n")).to.have.length(1);
    expect(paper.shown).to.include("Two").and.not.include("One");
    progress.hide();
    expect(paper.shown).to.equal("");
    const { length } = paper.text;
    progress.update(0.5, "more");
    progress.step("Three");
    await sleep(150);
    expect(paper.text.length, "it draws while hidden").to.equal(length);
    progress.show();
    await sleep(150);
    expect(paper.shown).to.include("Three");
    progress.hide();
  });

  it("says lines above itself, and later what is said while it is hidden", () => {
    const paper = new Paper();
    const progress = terminal(paper);
    progress.step("Step");
    progress.say("first");
    expect(paper.shown).to.match(/^first\n[|/\\-] Step/);
    progress.hide();
    progress.say("second");
    expect(paper.shown).to.equal("first\n");
    progress.show();
    expect(paper.shown).to.equal("first\nsecond\n");
  });

  it("never wraps a line", async () => {
    const paper = new Paper(30);
    const progress = terminal(paper);
    progress.step("日本語".repeat(30));
    progress.update(0.5, "x".repeat(500));
    await sleep(150);
    progress.hide();
    for (const line of paper.text.split(/\r?\u001b\[[0-9]*[AJ]|\n/)) expect(fitted(line, 29)).to.equal(line);
  });

  it("sends a terminal that does not keep up no queue of pictures", async () => {
    const paper = new Paper(80, true);
    const progress = terminal(paper);
    progress.step("Step");
    await sleep(500);
    expect(paper.writableLength).to.be.lessThan(100);
    progress.hide();
  });

  it("shows no colours when it may not", async () => {
    const paper = new Paper();
    const progress = terminal(paper);
    progress.step("Step");
    progress.update(0.1, "detail");
    await sleep(150);
    progress.hide();
    expect(paper.text).to.not.match(/\u001b\[\d*m/);
  });
});

describe("Progress in plain lines", () => {
  it("says only steps that last, and of those only now and then a line", async () => {
    const paper = new Paper();
    const progress = new PlainProgress(paper, { firstMs: 30, nextMs: 60 });
    progress.step("Quick");
    progress.step("Slow");
    for (let turn = 0; turn < 100; turn += 1) progress.update(turn / 100, `part ${turn}`);
    await sleep(110);
    progress.hide();
    expect(paper.text).to.equal("Slow: 99 %, part 99\nSlow: 99 %, part 99\n");
    expect(paper.text).to.not.include("Quick");
  });

  it("escapes what it is given, keeps what is said while hidden, and holds no more than so many lines", () => {
    const paper = new Paper();
    const progress = new PlainProgress(paper);
    progress.say("a\u001bb");
    progress.hide();
    for (let turn = 0; turn < 1000; turn += 1) progress.say("kept");
    expect(paper.text).to.equal("a\\u{1b}b\n");
    progress.show();
    expect(paper.text.split("\n").filter((line) => line === "kept")).to.have.length(200);
  });
});

describe("Figures on a terminal", () => {
  it("are short", () => {
    expect([elapsed(0), elapsed(59_999), elapsed(60_000), elapsed(3_725_000)]).to.deep.equal(["0 s", "59 s", "1 min 00 s", "62 min 05 s"]);
    expect([percent(-1), percent(0.999), percent(1), percent(7)]).to.deep.equal(["0 %", "99 %", "100 %", "100 %"]);
    expect([fitted("abc", 3), fitted("abcd", 3), fitted("日本", 3), fitted("", 0)]).to.deep.equal(["abc", "abc", "日", ""]);
  });
});
