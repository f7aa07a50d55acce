import { GLOBAL_FLAGS, type CommandSpec, type FlagSpec } from "../table.ts";
import { valuesOf, type Names } from "./values.ts";

/** A word that may come next, and what it means. */
export interface Candidate {
  readonly word: string;
  readonly description: string;
}

/** What may come next: our own words, and whether the shell adds names of files or directories. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly names: "none" | "files" | "directories";
  /** Whether the word goes on, as a key does until its value. */
  readonly goesOn: boolean;
}

/** The command line up to the cursor, understood as far as it goes. */
interface Seen {
  readonly command: CommandSpec | undefined;
  /** First word of a command of two. */
  readonly group: string | undefined;
  readonly operands: number;
  /** The option whose value comes next. */
  readonly open: FlagSpec | undefined;
  /** The words that follow are another program's. */
  readonly foreign: boolean;
}

const NOTHING: Completion = { candidates: [], names: "none", goesOn: false };

/** What may stand in the place of the last of these words, which may be empty; the words before it come after the program's name. */
export async function complete(words: readonly string[], commands: readonly CommandSpec[], names: Names): Promise<Completion> {
  const current = words.at(-1) ?? "";
  const seen = look(words.slice(0, -1), commands);
  const flags = flagsOf(seen, commands);
  const value = valueIn(current, seen, flags);
  if (seen.foreign) return { ...NOTHING, names: "files" };
  if (value) return fitting(await valuesOf(value.flag.value ?? "", value.flag.name, names), value.typed, value.prefix);
  if (current.startsWith("-")) return fitting(plain(flags.map(({ name, summary }) => ({ word: `--${name}`, description: summary }))), current);
  if (!seen.command) return fitting(plain(nextWords(seen.group, commands)), current);
  return fitting(await operandsOf(seen, names), current);
}

function look(words: readonly string[], commands: readonly CommandSpec[]): Seen {
  let seen: Seen = { command: undefined, group: undefined, operands: 0, open: undefined, foreign: false };
  for (const word of words) {
    if (seen.foreign) break;
    // bash takes a value with an equals sign for three words
    if (word === "=") continue;
    if (seen.open) seen = { ...seen, open: undefined };
    else if (word === "--") seen = { ...seen, foreign: true };
    else if (word.startsWith("-") && word.length > 1) seen = { ...seen, open: opened(word, flagsOf(seen, commands)) };
    else seen = withWord(seen, word, commands);
  }
  return seen;
}

function withWord(seen: Seen, word: string, commands: readonly CommandSpec[]): Seen {
  const { command, group } = seen;
  if (command) return { ...seen, operands: seen.operands + 1, foreign: command.operands.kind === "command" };
  const name = group === undefined ? word : `${group} ${word}`;
  const found = commands.find((candidate) => candidate.name === name);
  if (found) return { ...seen, command: found };
  return { ...seen, group: word };
}

function opened(word: string, flags: readonly FlagSpec[]): FlagSpec | undefined {
  const spec = flags.find(({ name, short }) => word === `--${name}` || word === `-${short}`);
  return spec?.value === undefined ? undefined : spec;
}

function flagsOf({ command, group }: Seen, commands: readonly CommandSpec[]): readonly FlagSpec[] {
  const own = command ?? (group === undefined ? commands[0] : undefined);
  const all = [...(own?.flags ?? []), ...GLOBAL_FLAGS];
  return all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index);
}

function valueIn(current: string, { open }: Seen, flags: readonly FlagSpec[]) {
  if (open) return { flag: open, typed: current === "=" ? "" : current, prefix: "" };
  const equals = current.indexOf("=");
  const flag = equals === -1 ? undefined : opened(current.slice(0, equals), flags);
  return flag && { flag, typed: current.slice(equals + 1), prefix: current.slice(0, equals + 1) };
}

function nextWords(group: string | undefined, commands: readonly CommandSpec[]): readonly Candidate[] {
  const found = new Map<string, string>();
  for (const { name, summary } of commands) {
    const [first = "", second] = name.split(" ");
    if (group !== undefined && first === group && second !== undefined) found.set(second, summary);
    if (group === undefined && !found.has(first)) found.set(first, second === undefined ? summary : `Commands: ${first} …`);
  }
  return [...found].map(([word, description]) => ({ word, description }));
}

async function operandsOf({ command, operands: typed }: Seen, names: Names): Promise<Completion> {
  const operands = command?.operands;
  if (operands?.kind === "command") return { ...NOTHING, names: "files" };
  if (operands?.kind !== "words") return NOTHING;
  const kind = operands.names[typed] ?? (operands.more === true ? operands.names.at(-1) : undefined);
  return kind === undefined ? NOTHING : await valuesOf(kind, "", names);
}

function plain(candidates: readonly Candidate[]): Completion {
  return { ...NOTHING, candidates };
}

function fitting(completion: Completion, typed: string, prefix = ""): Completion {
  const candidates = completion.candidates.filter(({ word }) => word.startsWith(typed));
  return { ...completion, candidates: candidates.map(({ word, description }) => ({ word: prefix + word, description })) };
}
