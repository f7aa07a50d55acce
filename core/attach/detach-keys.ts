import { PassThrough } from "node:stream";
import type { LocalInput } from "./terminal.ts";
import { fail } from "./failures.ts";

/** What is typed to leave a session without ending it, when nothing else is said: Ctrl and backslash, twice. */
export const DETACH_KEYS = "ctrl-\\,ctrl-\\";

/** How long the beginning of the keys is held back, waiting for the rest, in ms. */
const PATIENCE_MS = 700;
// kitty's protocol tells that a key was let go too
const RELEASED = "(?:\\x1b\\[[\\d:]+(?:;\\d*)?:3u)*";

/** The keys as one pattern for each, over bytes as Latin-1; throws ATTACH_KEYS_INVALID for what is no list such as "ctrl-p,ctrl-q". */
export function readKeys(text: string): readonly string[] {
  const keys = text.split(",").map(patternOf);
  if (keys.length > 8 || keys.includes(undefined)) throw fail("ATTACH_KEYS_INVALID", { keys: text.slice(0, 80) });
  return keys as string[];
}

/** A key as a terminal sends it: its byte, or its sequence in xterm's and kitty's ways of telling keys with Ctrl. */
function patternOf(key: string): string | undefined {
  if (/^[\x21-\x7e]$/.test(key)) return quoted(key);
  const letter = /^ctrl-([a-z\\\]^_@[])$/i.exec(key)?.[1]?.toLowerCase();
  if (letter === undefined) return undefined;
  const code = letter.charCodeAt(0);
  const control = String.fromCharCode(letter.toUpperCase().charCodeAt(0) & 0x1f);
  return `(?:${quoted(control)}|\\x1b\\[${code};5(?::[12])?u|\\x1b\\[27;5;${code}~)`;
}

function quoted(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

/** Input that is passed on until the keys are typed, which themselves are not passed on. */
export interface WatchedInput {
  readonly input: LocalInput;
  /** Lets go of the source. */
  stop(): void;
}

/**
 * Watches what is typed for the keys; what could be their beginning is held back for a moment. `onLeave` also hears that the source has
 * ended: a terminal that is gone must not be taken for the end of input that Ctrl-D means.
 */
export function watchKeys(source: LocalInput, keys: readonly string[], onLeave: () => void): WatchedInput {
  const input: LocalInput = Object.assign(new PassThrough(), { isTTY: source.isTTY === true });
  const through = input as unknown as PassThrough;
  const whole = new RegExp(keys.join(RELEASED));
  const beginnings = keys.slice(1).map((_, count) => new RegExp(`${keys.slice(0, count + 1).join(RELEASED)}${RELEASED}$`)).reverse();
  let held = "";
  let timer: NodeJS.Timeout | undefined;
  const pass = (text: string): void => void (text !== "" && through.write(Buffer.from(text, "latin1")));
  const release = (): void => {
    pass(held);
    held = "";
  };
  const take = (chunk: Buffer): void => {
    clearTimeout(timer);
    const text = held + chunk.toString("latin1");
    held = "";
    const match = whole.exec(text);
    if (match) {
      pass(text.slice(0, match.index));
      return onLeave();
    }
    const from = beginnings.map((beginning) => beginning.exec(text)?.index).find((index) => index !== undefined) ?? text.length;
    pass(text.slice(0, from));
    held = text.slice(from);
    if (held !== "") timer = setTimeout(release, PATIENCE_MS);
  };
  source.on("data", take).once("end", onLeave).once("error", onLeave);
  return {
    input,
    stop() {
      clearTimeout(timer);
      source.off("data", take).off("end", onLeave).off("error", onLeave).pause();
      source.on("error", () => {}); // nobody reads it any more
    },
  };
}
