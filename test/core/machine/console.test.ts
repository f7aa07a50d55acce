import { expect } from "chai";
import { ConsoleTail } from "../../../core/machine/console.ts";

function consoleWith(...chunks: readonly (string | Buffer)[]): ConsoleTail {
  const tail = new ConsoleTail();
  for (const chunk of chunks) tail.add(Buffer.from(chunk as string));
  return tail;
}

describe("the tail of the console", () => {
  it("gives the last lines, whatever pieces they came in", () => {
    expect(consoleWith("one\ntw", "o\nthr", "ee\n").lines(2)).to.equal("two\nthree");
    expect(consoleWith("one\ntwo").lines(1)).to.equal("two");
    expect(consoleWith().lines(5)).to.equal("");
  });

  it("escapes what the guest wrote", () => {
    expect(consoleWith("\u001b]52;c;AAAA\u0007bad\r\n").lines(1)).to.equal("\\u{1b}]52;c;AAAA\\u{7}bad");
  });

  it("keeps 64 KiB however much comes, in small pieces or large", () => {
    const KEPT = 64 * 1024;
    for (const size of [1000, KEPT - 1, KEPT, KEPT + 1, 1024 * 1024]) {
      const tail = new ConsoleTail();
      for (let sent = 0; sent < 300_000; sent += size) tail.add(Buffer.alloc(size, "x"));
      tail.add(Buffer.from("\nthe end\n"));
      const text = tail.lines(10);
      expect(text.endsWith("x\nthe end"), `${size}`).to.equal(true);
      expect(text.length).to.be.within(KEPT - 10, KEPT);
    }
  });

  it("names what was killed for want of memory, and nothing else", () => {
    const tail = consoleWith(
      "[  12.3] Out of memory: Killed process 812 (node) total-vm:123kB\n",
      "[  12.4] oom_reaper: reaped process 812 (node)\nOut of memory: Killed process x (fake)\n",
      "Out of memory: Killed process 813 (a\u001bb) total\n",
    );
    expect(tail.outOfMemory()).to.deep.equal(["node", "a\\u{1b}b"]);
  });

  it("finds the line of a panic", () => {
    expect(consoleWith("fine\n").panic()).to.equal(undefined);
    expect(consoleWith("[ 2.3] Kernel panic - not syncing: no init\nmore\n").panic()).to.equal("Kernel panic - not syncing: no init");
  });
});
