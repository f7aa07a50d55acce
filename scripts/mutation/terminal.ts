import { within } from "./mutation.ts";

/** What keeps a program of the guest from the user's terminal and clipboard beyond drawing. */
export const TERMINAL = [
  ...within("core/attach/filter", "test/core/attach/filter/*.test.ts", [
    ["system-commands.ts", 'content === undefined || content === "" || content === "?"', 'content === undefined || content === ""'],
    ["system-commands.ts", "const passed = bytes <= clipboardBytes;", "const passed = true;"],
    ["system-commands.ts", "!options.answers || separator === -1", "separator === -1"],
    ["system-commands.ts", '.replace(UNSEEN, "")', ""],
    ["system-commands.ts", '.replace(MARKS, "")', ""],
    ["system-commands.ts", "(https?:", "([a-z]+:"],
    ["control-sequences.ts", "answers && numbers.length <= 1 && known.includes(first(numbers))", "answers"],
    ["control-sequences.ts", "const good = numbers.filter((number) => MODES.has(number));", "const good = numbers;"],
    ["control-sequences.ts", "operation === 14 ||", "operation === 21 || operation === 14 ||"],
    ["control-sequences.ts", "?.(numbers, state, options) ?? false", "?.(numbers, state, options) ?? true"],
    ["escapes.ts", "  return false;\n}", "  return true;\n}"],
    ["utf8.ts", "first === 0xc2 && second < 0xa0 ? -2 : 2", "2"],
    ["utf8.ts", "if (first === 0xe0) return 0xa0;", ""],
    ["utf8.ts", "if (first === 0xed) return 0x9f;", ""],
    ["screen-filter.ts", "else sieve.drop(at, at + 1);", ""],
    ["screen-filter.ts", "digits > MOST_DIGITS || ", ""],
    ["string-sequence.ts", "byte === ESC || byte === CANCEL || byte === SUBSTITUTE ||", "byte === ESC ||"],
    ["string-sequence.ts", "size > roomFor(this.#text, this.#options)", "false"],
    ["string-sequence.ts", "this.#kind = 0; // what follows is another sequence\n        return at;", "this.#kind = 0;\n        return at + 1;"],
  ]),
  ...within("core/attach", "test/core/attach/attach-channel.test.ts", [
    ["attach-channel.ts", "screens.stdout?.giveBack();", ""],
    ["attach-channel.ts", "stderr: stderr.isTTY === true ?", "stderr: false ?"],
    ["screen.ts", "answers: options.whole", "answers: true"],
    ["title-bar.ts", 'this.#write("\\x1b[23;0t")', "void 0"],
  ]),
  ...within("core/attach/paste", "test/core/attach/paste/*.test.ts", [
    ["keystroke.ts", "if (!this.#pasting) pressed", "pressed"],
    ["image-paste.ts", "return this.#key.isIn(chunk) ? this.#bring() : undefined;", "return this.#bring();"],
    ["host-clipboard.ts", "const type = bytes && imageTypeOf(bytes);", 'const type = bytes && "image/png";'],
    ["host-clipboard.ts", "maxBuffer: 2 * LARGEST_IMAGE, env: passed", "maxBuffer: 2 * LARGEST_IMAGE, env: env as Record<string, string>"],
  ]),
];
