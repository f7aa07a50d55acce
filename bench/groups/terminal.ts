import { ScreenFilter } from "../../core/attach/filter/screen-filter.ts";
import { sampled, type Group } from "../bench.ts";

const MB = 1_000_000;
const PIECE_BYTES = 64 * 1024;
const LINE = "\x1b[12;40H\x1b[38;5;174m✻\x1b[39m Thinking… \x1b[2m(3s · 12 tokens)\x1b[22m\x1b[K some text in a line that is of usual length\r\n";
const SCREEN = Buffer.from(`\x1b[?2026h\x1b[?25l${LINE.repeat(50)}\x1b[?25h\x1b[?2026l`);
const LISTENER = { title() {}, titleStack() {}, attention() {}, clipboard() {} };

/** What the filter of the terminal costs. */
export const terminal: Group = async ({ runs, say }) => {
  say("the filter of the terminal");
  const filter = new ScreenFilter({ answers: true, clipboardBytes: 0, listener: LISTENER });
  const screens = Buffer.concat(Array.from({ length: Math.ceil((20 * MB) / SCREEN.length) }, () => SCREEN));
  for (let warm = 0; warm < 500; warm += 1) filter.filter(SCREEN);
  return [
    await sampled({ name: "a screen of 50 lines through the filter", unit: "ms", target: 1 }, runs * 20, () => took(() => filter.filter(SCREEN))),
    await sampled({ name: "100 MB of such screens through the filter", unit: "s", target: 1 }, runs, () => {
      const ms = took(() => {
        for (let at = 0; at < screens.length; at += PIECE_BYTES) filter.filter(screens.subarray(at, at + PIECE_BYTES));
      });
      return ((ms / 1000) * 100 * MB) / screens.length;
    }),
  ];
};

function took(work: () => void): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}
