import { expect } from "chai";
import { Notices } from "../../../core/attach/notices.ts";
import { TitleBar, hasTitle } from "../../../core/attach/title-bar.ts";

describe("Notices", () => {
  it("are kept as lines and heard by whoever draws the screen", () => {
    const kept: string[] = [];
    const heard: string[] = [];
    const notices = new Notices((line) => kept.push(line));
    notices.tell("before");
    const stop = notices.follow((line) => heard.push(line));
    notices.tell("while");
    stop();
    notices.tell("after");
    expect({ kept, heard }).to.deep.equal({ kept: ["before", "while", "after"], heard: ["while"] });
  });

  it("hold no control character, are bounded, and are told once", () => {
    const kept: string[] = [];
    const notices = new Notices((line) => kept.push(line));
    for (let again = 0; again < 5; again += 1) notices.tell(`a\x1b]0;x\x07${"b".repeat(1000)}`);
    expect(kept).to.have.lengthOf(1);
    expect(kept[0]).to.match(/^a\\u\{1b\}\]0;x\\u\{7\}b{200,300}…$/);
  });
});

describe("the terminal's title", () => {
  const setUp = () => {
    let written = "";
    const bar = new TitleBar((bytes) => (written += bytes));
    return { bar, taken: () => [written, (written = "")][0] };
  };

  it("is put aside before it is changed, and comes back at the end", () => {
    const { bar, taken } = setUp();
    bar.settle();
    bar.set("vim");
    bar.settle();
    bar.settle();
    expect(taken()).to.equal("\x1b[22;0t\x1b]0;cloche: vim\x07");
    bar.notice("example.com was refused");
    expect(taken()).to.equal("\x1b]0;[cloche] example.com was refused\x07");
    bar.set("less");
    bar.settle();
    expect(taken()).to.equal("");
    bar.end();
    expect(taken()).to.equal("\x1b[23;0t");
  });

  it("is put aside and taken back by a program that asks for it, as far as we remember", () => {
    const { bar, taken } = setUp();
    bar.set("shell");
    for (let deep = 0; deep < 100; deep += 1) bar.push();
    bar.set("vim");
    bar.pop();
    bar.settle();
    expect(taken()).to.contain("]0;cloche: shell\x07");
  });

  it("is left alone when nobody changes it", () => {
    const { bar, taken } = setUp();
    bar.end();
    expect(taken()).to.equal("");
  });

  it("is not asked of terminals that have none", () => {
    expect(["xterm-256color", "tmux-256color", "xterm-kitty"].map(hasTitle)).to.deep.equal([true, true, true]);
    expect(["linux", "dumb", "vt100", "", undefined].map(hasTitle)).to.deep.equal([false, false, false, false, false]);
  });
});
