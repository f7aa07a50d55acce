import { ascii } from "./bytes.ts";
import type { FilterOptions } from "./listener.ts";
import type { ScreenState } from "./screen-state.ts";

/** Longest operating system command that is looked at, in bytes; a longer one is left out. */
export const LONGEST_COMMAND = 4096;
const LONGEST_TITLE = 200;
const LONGEST_LINK = 2048;
// What RFC 3986 has in addresses, and nothing that has to be escaped there.
const LINK = /^8;((?:id=[\w.:+-]{1,100})?);(https?:\/\/[!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]+)$/i;
const CLIPBOARD = /^52;[cps]{0,3};(\?|(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/;
// What moves text about, or shows as nothing; more than in `escapeLine`, since here it is not shown as an escape.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\ufffd]/gu;
const MARKS = /^(?:(?:cloche: |\[cloche\] ?)\s*)+/;

/** The most bytes that a command with this beginning may have. */
export function roomFor(beginning: Uint8Array, { clipboardBytes }: FilterOptions): number {
  const isClipboard = beginning[0] === 0x35 && beginning[1] === 0x32 && beginning[2] === 0x3b;
  return isClipboard && clipboardBytes > 0 ? Math.ceil(clipboardBytes / 3) * 4 + 16 : LONGEST_COMMAND;
}

/**
 * Judges an operating system command, `ESC ] …`, given without its beginning and end: what passes in its place, undefined when
 * nothing. Titles go to the listener, since ours share the place with them.
 */
export function judgeCommand(payload: Buffer, end: string, state: ScreenState, options: FilterOptions): Buffer | undefined {
  const text = payload.toString("latin1");
  const separator = text.indexOf(";");
  switch (separator === -1 ? text : text.slice(0, separator)) {
    case "0":
    case "2":
      options.listener.title(titleOf(payload.subarray(2)));
      return undefined;
    case "8":
      return link(text, state);
    case "9":
      // 9;4 is progress, which comes all the time
      if (!text.startsWith("9;4;")) options.listener.attention();
      return undefined;
    case "99":
    case "777":
      options.listener.attention();
      return undefined;
    case "10":
    case "11":
      // the user's colours of text and background, by which programs choose theirs; the answer holds nothing of the asker's
      if (!options.answers || separator === -1 || text.slice(separator) !== ";?") return undefined;
      state.questions += 1;
      return ascii(`\x1b]${text}${end}`);
    case "52":
      return clipboard(text, options);
    default:
      return undefined;
  }
}

/** Text for a title: one short line of characters that show, without a mark that would make it look like ours. */
export function titleOf(bytes: Buffer): string {
  const shown = bytes.toString("utf8").replace(UNSEEN, "").replace(MARKS, "").trim();
  return [...shown].slice(0, LONGEST_TITLE).join("");
}

function link(text: string, state: ScreenState): Buffer | undefined {
  const [, id, address] = text.length <= LONGEST_LINK ? (LINK.exec(text) ?? []) : [];
  const was = state.link;
  state.link = address !== undefined;
  if (address !== undefined) return ascii(`\x1b]8;${id};${address}\x1b\\`);
  // the end of a link, or one that does not pass, whose text must not belong to the link before
  return was ? ascii("\x1b]8;;\x1b\\") : undefined;
}

function clipboard(text: string, { clipboardBytes, listener }: FilterOptions): Buffer | undefined {
  const [, content] = CLIPBOARD.exec(text) ?? [];
  if (content === undefined || content === "" || content === "?") return undefined;
  const bytes = Buffer.byteLength(content, "base64");
  const passed = bytes <= clipboardBytes;
  listener.clipboard(bytes, passed);
  return passed ? ascii(`\x1b]52;c;${content}\x07`) : undefined;
}
