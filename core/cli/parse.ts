import type { Flags } from "../commands/command.ts";
import { didYouMean } from "../support/suggest.ts";
import { fail } from "./failures.ts";
import { COMMANDS, GLOBAL_FLAGS, GROUP_DEFAULTS, type CommandSpec, type FlagSpec } from "./table.ts";

/** A command line, understood. */
export interface Parsed {
  readonly command: CommandSpec;
  readonly flags: Flags;
  readonly words: readonly string[];
  readonly rest: readonly string[];
  /** The word of a group of commands, such as "plugin", when no command of it was named. */
  readonly group: string | undefined;
  /** Whether a command was named, rather than meant by default. */
  readonly named: boolean;
}

interface Typed {
  readonly spec: FlagSpec;
  readonly value: string | undefined;
}

/** Understands the arguments. Whatever it does not know is a failure with a code USAGE_…, never a word for the agent. */
export function parse(argv: readonly string[], commands: readonly CommandSpec[] = COMMANDS): Parsed {
  const { command, group, at } = findCommand(argv, commands);
  const typed: Typed[] = [];
  const words: string[] = [];
  let rest: readonly string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? "";
    if (at.includes(index)) continue;
    if (argument === "--") {
      rest = argv.slice(index + 1);
      break;
    }
    if (!isOption(argument)) {
      if (command.operands.kind === "command") {
        rest = argv.slice(index);
        break;
      }
      words.push(argument);
      continue;
    }
    const option = readOption(command, argument, argv[index + 1]);
    typed.push(option);
    if (option.consumed) index += 1;
  }
  const flags = flagsOf(typed);
  if (!flags.has("help")) checkOperands(command, words, rest);
  return { command, flags, words, rest, group, named: at.length > 0 };
}

interface Found {
  readonly command: CommandSpec;
  /** Indexes of its words; options may stand before and between them. */
  readonly at: readonly number[];
  readonly group: string | undefined;
}

function findCommand(argv: readonly string[], commands: readonly CommandSpec[]): Found {
  const flags = [...GLOBAL_FLAGS, ...commands.flatMap((command) => command.flags)];
  const first = nextWord(argv, 0, flags);
  if (first === undefined) return { command: commands[0] as CommandSpec, at: [], group: undefined };
  const word = argv[first] ?? "";
  const single = commands.find(({ name }) => name === word);
  if (single) return { command: single, at: [first], group: undefined };
  const members = commands.filter(({ name }) => name.startsWith(`${word} `));
  if (members.length === 0) throw unknown(word, [...new Set(commands.filter(({ hidden }) => hidden !== true).map(({ name }) => name.split(" ")[0] ?? name))]);
  return findMember(argv, word, members, { first, second: nextWord(argv, first + 1, flags) });
}

/** A command of a group, such as `plugin list`; a group with a default needs no second word, and takes a key for one. */
function findMember(
  argv: readonly string[],
  word: string,
  members: readonly CommandSpec[],
  { first, second }: { readonly first: number; readonly second: number | undefined },
): Found {
  const full = second === undefined ? word : `${word} ${argv[second]}`;
  const exact = members.find(({ name }) => name === full);
  if (exact && second !== undefined) return { command: exact, at: [first, second], group: undefined };
  const fallback = members.find(({ name }) => name === GROUP_DEFAULTS[word]);
  if (fallback && (second === undefined || argv[second]?.includes("."))) return { command: fallback, at: [first], group: word };
  if (second !== undefined) throw unknown(full, members.map(({ name }) => name));
  if (argv.includes("--help") || argv.includes("-h")) return { command: members[0] as CommandSpec, at: [first], group: word };
  throw fail("USAGE_WORD_MISSING", { name: "one more word", command: word, usage: `${word} ${below(members).join("|")}` });
}

function below(group: readonly CommandSpec[]): string[] {
  return group.map(({ name }) => name.slice(name.indexOf(" ") + 1));
}

function unknown(word: string, known: readonly string[]) {
  return fail("USAGE_COMMAND_UNKNOWN", { word, suggestion: didYouMean(word, known), known: known.join(", ") });
}

/** The index of the next argument that is neither an option nor its value; undefined at `--` and at the end. */
function nextWord(argv: readonly string[], from: number, flags: readonly FlagSpec[]): number | undefined {
  for (let index = from; index < argv.length; index += 1) {
    const argument = argv[index] ?? "";
    if (argument === "--") return undefined;
    if (!isOption(argument)) return index;
    const spec = specOf(flags, argument);
    if (!spec) return undefined; // whether the next one is its value nobody knows; reading it will say that it is unknown
    if (spec.value === undefined || argument.includes("=")) continue;
    index += 1;
    if (isOption(argv[index] ?? "--")) return undefined; // its value is missing, which reading it will say too
  }
  return undefined;
}

function isOption(argument: string): boolean {
  return argument.startsWith("-") && argument.length > 1;
}

function specOf(flags: readonly FlagSpec[], argument: string): FlagSpec | undefined {
  const name = argument.split("=", 1)[0] ?? "";
  return flags.find((flag) => name === `--${flag.name}` || (flag.short !== undefined && name === `-${flag.short}`));
}

function readOption(command: CommandSpec, argument: string, next: string | undefined): Typed & { readonly consumed: boolean } {
  const known = [...command.flags, ...GLOBAL_FLAGS];
  const spec = specOf(known, argument);
  const option = argument.split("=", 1)[0] ?? "";
  if (!spec) {
    const suggestion = didYouMean(option, known.map(({ name }) => `--${name}`));
    throw fail("USAGE_OPTION_UNKNOWN", { option, command: command.name, suggestion });
  }
  const attached = argument.includes("=") ? argument.slice(argument.indexOf("=") + 1) : undefined;
  if (spec.value === undefined) {
    if (attached !== undefined) throw fail("USAGE_VALUE_UNWANTED", { option, command: command.name });
    return { spec, value: undefined, consumed: false };
  }
  if (attached !== undefined) return { spec, value: attached, consumed: false };
  if (next === undefined || isOption(next)) throw fail("USAGE_VALUE_MISSING", { option, value: spec.value, command: command.name });
  return { spec, value: next, consumed: true };
}

function flagsOf(typed: readonly Typed[]): Flags {
  const all = typed.map(({ spec, value }) => ({ name: spec.name, value }));
  return {
    all,
    has: (name) => all.some((flag) => flag.name === name),
    value: (name) => all.findLast((flag) => flag.name === name)?.value,
  };
}

function checkOperands(command: CommandSpec, words: readonly string[], rest: readonly string[]): void {
  const { name, usage, operands } = command;
  const names = operands.kind === "words" ? operands.names : [];
  const takesRest = operands.kind === "command" || operands.passes === true;
  const unlimited = operands.kind === "words" && operands.more === true;
  const excess = (unlimited ? undefined : words[names.length]) ?? (takesRest ? undefined : rest[0]);
  if (excess !== undefined) throw fail("USAGE_WORD_UNWANTED", { word: excess, command: name, usage });
  const least = operands.kind === "words" ? (operands.least ?? names.length) : 0;
  const missing = words.length < least ? names[words.length] : undefined;
  if (missing !== undefined) throw fail("USAGE_WORD_MISSING", { name: missing, command: name, usage });
  if (operands.kind === "command" && rest.length === 0) throw fail("USAGE_WORD_MISSING", { name: "a COMMAND", command: name, usage });
}
