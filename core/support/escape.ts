// C0, DEL, C1, and the bidirectional controls that reorder what a reader sees; a newline is kept only by `escapeText`.
const HOSTILE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

function visible(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** One line of text that is safe on a terminal, for names that the guest, a checkout or a server chose. */
export function escapeLine(text: string): string {
  return text.replace(HOSTILE, visible);
}

/** Like `escapeLine`, for output of several lines such as the end of a console: newlines and tabs stay. */
export function escapeText(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(HOSTILE, (character) => (character === "\n" || character === "\t" ? character : visible(character)));
}
