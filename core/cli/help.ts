import { GLOBAL_FLAGS, type CommandSpec, type FlagSpec } from "./table.ts";

/** The help of the whole program, made from the command table. */
export function generalHelp(commands: readonly CommandSpec[]): string {
  return [
    "cloche runs a coding agent without approval prompts in a throwaway virtual machine, over one project.",
    "",
    "Usage: cloche [run] [OPTIONS] [-- ARGUMENTS OF THE AGENT…]",
    "       cloche COMMAND [OPTIONS]",
    "",
    "Commands:",
    ...columns(commands.filter(({ hidden }) => hidden !== true).map(({ name, summary }): [string, string] => [name, summary])),
    "",
    "Options:",
    ...flagLines(GLOBAL_FLAGS),
    "",
    'Every option of the configuration is also a variable, such as CLOCHE_MACHINE_MEMORY=4GiB; "cloche config" lists them.',
    "The exit status is the command's own; 2 when the command line is wrong; 125 when cloche itself failed.",
    '"cloche COMMAND --help" says more about a command.',
  ].join("\n");
}

/** The help of one command. */
export function commandHelp(command: CommandSpec): string {
  const { summary, usage, flags } = command;
  return [
    `${summary}.`,
    "",
    `Usage: cloche ${usage}`,
    ...(flags.length > 0 ? ["", "Options:", ...flagLines(flags)] : []),
    "",
    "Options of every command:",
    ...flagLines(GLOBAL_FLAGS),
  ].join("\n");
}

/** The help of a group of commands, such as `plugin`. */
export function groupHelp(group: string, commands: readonly CommandSpec[]): string {
  const members = commands.filter(({ name }) => name.startsWith(`${group} `));
  return [
    `Usage: cloche ${group} COMMAND [OPTIONS]`,
    "",
    "Commands:",
    ...columns(members.map(({ usage, summary }): [string, string] => [usage.replace(" [OPTIONS]", ""), summary])),
    "",
    "Options of every command:",
    ...flagLines(GLOBAL_FLAGS),
  ].join("\n");
}

function flagLines(flags: readonly FlagSpec[]): string[] {
  return columns(
    flags.map(({ name, short, value, summary }): [string, string] => [
      `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`,
      summary,
    ]),
  );
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
