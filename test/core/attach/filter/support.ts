import fc from "fast-check";
import type { FilterOptions } from "../../../../core/attach/filter/listener.ts";
import { ScreenFilter } from "../../../../core/attach/filter/screen-filter.ts";

/** A filter, and what its listener was told. */
export function listening(options: Partial<FilterOptions> = {}): { filter: ScreenFilter; told: string[] } {
  const told: string[] = [];
  const listener = {
    title: (text: string) => void told.push(`title ${text}`),
    titleStack: (change: string) => void told.push(change),
    attention: () => void told.push("attention"),
    clipboard: (bytes: number, passed: boolean) => void told.push(`clipboard ${bytes} ${passed}`),
  };
  return { filter: new ScreenFilter({ answers: true, clipboardBytes: 0, listener, ...options }), told };
}

/** What passes of a stream that comes in these pieces. */
export function passed(pieces: readonly (Buffer | string)[], options: Partial<FilterOptions> = {}): Buffer {
  const { filter } = listening(options);
  const out = pieces.map((piece) => Buffer.from(filter.filter(Buffer.from(piece as string))));
  return Buffer.concat([...out, filter.end()]);
}

/** Pieces of what programs, good and evil, send to terminals; whole and cut. */
export const FRAGMENTS: readonly string[] = [
  "text", "ü", "日本", "😀", "\r\n", "\t", "\b", "\x07", "\x0e", "\x0f", "\0", "\x05", "\x11", "\x18", "\x1a", "\x7f", "\u0085", "\u009b31m", "\u009d0;x\u009c",
  "\x1b", "\x1b[", "\x1b]", "\x1bP", "\x1b_", "\x1b^", "\x1bX", "\x1bk", "\x1b\\", "\x1b7", "\x1b8", "\x1b=", "\x1b>", "\x1bc", "\x1b(0", "\x1b(B", "\x1b%@", "\x1b%G", "\x1b G", "\x1b#8", "\x1bn", "\x1bZ",
  "\x1b[m", "\x1b[0m", "\x1b[1;31m", "\x1b[38;2;1;2;3m", "\x1b[4:3m", "\x1b[H", "\x1b[2J", "\x1b[3J", "\x1b[K", "\x1b[10;20H", "\x1b[5A", "\x1b[1;30r", "\x1b[r", "\x1b[s", "\x1b[u", "\x1b[4h", "\x1b[4l", "\x1b[2h", "\x1b[12h",
  "\x1b[?1049h", "\x1b[?1049l", "\x1b[?25l", "\x1b[?25h", "\x1b[?1000;1006h", "\x1b[?1000;1034h", "\x1b[?3h", "\x1b[?2004h", "\x1b[?2026l", "\x1b[?1048h", "\x1b[?9001h",
  "\x1b[c", "\x1b[>c", "\x1b[=c", "\x1b[6n", "\x1b[?6n", "\x1b[5n", "\x1b[?15n", "\x1b[?u", "\x1b[>1u", "\x1b[<u", "\x1b[=5;1u", "\x1b[>4;2m", "\x1b[>4m", "\x1b[>2;1m", "\x1b[?4m", "\x1b[>q", "\x1b[?2026$p", "\x1b[$p",
  "\x1b[21t", "\x1b[20t", "\x1b[18t", "\x1b[8;1;1t", "\x1b[22;0t", "\x1b[23t", "\x1b[5i", "\x1b[?5i", "\x1b[x", "\x1b[!p", "\x1b[2 q", "\x1b[1\"q", "\x1b[1;2;3;4;5T", "\x1b[2T", "\x1b[999999C", "\x1b[1\x1b[2m", "\x1b[3\n1m", "\x1b[1 2m", "\x1b[1:2H", "\x1b[#{",
  "\x1b]0;title\x07", "\x1b]2;t\u202eitle\x1b\\", "\x1b]0;cloche: x\x07", "\x1b]0;[cloche] x\x07", "\x1b]1;i\x07", "\x1b]8;;https://example.com/a?b\x07", "\x1b]8;id=1;http://e\x1b\\", "\x1b]8;;\x1b\\", "\x1b]8;;file:///etc\x07", "\x1b]8;;javascript:1\x07", "\x1b]8;x=1;https://e\x07",
  "\x1b]52;c;?\x07", "\x1b]52;c;aGVsbG8=\x07", "\x1b]52;c;aGVsbG8=\x1b\\", "\x1b]52;;!\x07", "\x1b]10;?\x07", "\x1b]11;?\x1b\\", "\x1b]10;red\x07", "\x1b]4;1;?\x07", "\x1b]12;?\x07", "\x1b]110\x07", "\x1b]50;x\x07", "\x1b]9;hi\x07", "\x1b]777;notify;a;b\x07", "\x1b]99;;x\x1b\\", "\x1b]5113;x\x07", "\x1b]1337;File=name=a:AAAA\x07", "\x1b]1337;CopyToClipboard=\x07",
  "\x1bP$qm\x1b\\", "\x1bP+q544e\x1b\\", "\x1bPtmux;\x1b\x1b]52;c;?\x07\x1b\\", "\x1bPq#0;2;0;0;0~\x1b\\", "\x1b_Gf=32;AAAA\x1b\\", "**\x18B00000000000000", "\x1bkname\x1b\\",
];

const raw = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes));
const fragment = fc.constantFrom(...FRAGMENTS).map((text) => Buffer.from(text));
const cut = fc.tuple(fragment, fc.nat(40)).map(([bytes, at]) => bytes.subarray(0, at % (bytes.length + 1)));
const between = fc.string({ maxLength: 6 }).map((text) => Buffer.from(text));

/** Streams made to confuse a parser. */
export const streams = fc.array(fc.oneof({ weight: 4, arbitrary: fragment }, cut, raw, between), { maxLength: 30 }).map((pieces) => Buffer.concat(pieces));

/** A stream, and places to cut it at. */
export const cutStreams = fc.tuple(streams, fc.array(fc.nat(400), { maxLength: 12 })).map(([stream, places]) => {
  const cuts = [0, ...places.map((place) => place % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  return { stream, pieces: cuts.slice(1).map((end, index) => stream.subarray(cuts[index], end)) };
});
