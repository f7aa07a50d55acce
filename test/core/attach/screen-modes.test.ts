import { expect } from "chai";
import { ScreenModes } from "../../../core/attach/screen-modes.ts";

const ALWAYS = "\x1b[<u\x1b[>4m\x1b[0m\x1b>";

function restored(...pieces: string[]): string {
  const screen = new ScreenModes();
  for (const piece of pieces) screen.watch(Buffer.from(piece));
  return screen.restore().replace(ALWAYS, "");
}

describe("what a program left set on the terminal", () => {
  it("is nothing when it tidied up", () => {
    expect(restored("\x1b[?1049h\x1b[?25ltext\x1b[?25h\x1b[?1049l")).to.equal("");
  });

  it("is set back otherwise: another screen, a hidden cursor, mouse reports, no wrapping", () => {
    expect(restored("\x1b[?1049h\x1b[?25l\x1b[?1000;1006h\x1b[?7l")).to.equal("\x1b[?1049l\x1b[?25h\x1b[?1000l\x1b[?1006l\x1b[?7h");
  });

  it("is seen wherever the stream is cut", () => {
    const text = "abc\x1b[?1049hdef\x1b[?2004h";
    for (let cut = 0; cut <= text.length; cut += 1) {
      expect(restored(text.slice(0, cut), text.slice(cut))).to.equal("\x1b[?1049l\x1b[?2004l");
    }
    expect(restored(...text)).to.equal("\x1b[?1049l\x1b[?2004l");
  });

  it("is bounded whatever is sent", () => {
    const many = Array.from({ length: 5000 }, (_, index) => `\x1b[?${index + 3000}h`).join("");
    expect(restored(many).length).to.be.lessThan(1000);
  });
});
