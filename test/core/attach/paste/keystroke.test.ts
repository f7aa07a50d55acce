import { expect } from "chai";
import { PasteKey } from "../../../../core/attach/paste/keystroke.ts";

function pressed(...pieces: string[]): boolean[] {
  const key = new PasteKey();
  return pieces.map((piece) => key.isIn(Buffer.from(piece)));
}

describe("the key that pastes", () => {
  it("is Ctrl+V in each way that terminals write it", () => {
    const ways = ["\x16", "a\x16b", "\x1b[118;5u", "\x1b[118;69u", "\x1b[118;133u", "\x1b[118:86;5:1u", "\x1b[118;5:1u", "\x1b[27;5;118~"];
    for (const way of ways) expect(pressed(way), JSON.stringify(way)).to.deep.equal([true]);
  });

  it("is no other key, nor its going up", () => {
    const others = ["v", "V", "\x03", "\x1bv", "\x1b[118;1u", "\x1b[118;6u", "\x1b[118;7u", "\x1b[118u", "\x1b[118;5:3u", "\x1b[117;5u", "\x1b[27;5;117~", "\x1b[118;5~"];
    for (const other of others) expect(pressed(other), JSON.stringify(other)).to.deep.equal([false]);
  });

  it("is not what stands in a text that is pasted, wherever that is cut", () => {
    expect(pressed("\x1b[200~a\x16b\x1b[118;5u\x1b[201~")).to.deep.equal([false]);
    expect(pressed("\x1b[20", "0~a", "\x16", "\x1b[2", "01~", "\x16")).to.deep.equal([false, false, false, false, false, true]);
    expect(pressed("\x1b[200~\x16", "\x1b[201~\x16")).to.deep.equal([false, true]);
    expect(pressed("\x16\x1b[200~x")).to.deep.equal([true]);
  });
});
