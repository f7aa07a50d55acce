import { GLOBAL_FLAGS, type CommandSpec, type FlagSpec } from "../../core/cli/table.ts";

/** The man page of the program, made from the table of its commands, in the macros of man(7). */
export function manPage(commands: readonly CommandSpec[], version: string): string {
  return [
    `.TH CLOCHE 1 "" ${quoted(`cloche ${version}`)} ${quoted("User commands")}`,
    ".SH NAME",
    text("cloche - a coding agent without approval prompts, in a throwaway virtual machine"),
    ".SH SYNOPSIS",
    text("cloche [run] [OPTIONS] [-- ARGUMENTS OF THE AGENT…]"),
    ".br",
    text("cloche COMMAND [OPTIONS]"),
    ".SH DESCRIPTION",
    text("cloche runs a coding agent with its approval prompts off inside a throwaway QEMU virtual machine, over one project directory."),
    text("The agent edits your files live; when it ends, the machine is gone, and what remains is what it did in the project."),
    ".SH COMMANDS",
    ...commands.filter(({ hidden }) => hidden !== true).flatMap(commandLines),
    ".SH OPTIONS OF EVERY COMMAND",
    ...GLOBAL_FLAGS.flatMap(flagLines),
    ".SH ENVIRONMENT",
    text("Every option of the configuration is also a variable, such as CLOCHE_MACHINE_MEMORY=4GiB; cloche config lists them."),
    text("DEBUG=cloche:* shows what developers read. NO_COLOR leaves colours out."),
    ".SH FILES",
    ".TP",
    text("~/.config/cloche/config.json"),
    text("Your own configuration, or config.yaml, or config.mjs."),
    ".TP",
    text(".clocherc.json, .clocherc.yaml, .config/clocherc"),
    text("What a project asks for; it may only tighten."),
    ".SH EXIT STATUS",
    text("That of the command in the guest; 128 and the number of the signal that ended it; 2 when the command line is wrong; 125 when cloche itself failed; 255 when the connection with the guest was lost."),
    ".SH SEE ALSO",
    text("The README, SECURITY.md and docs/errors.md that came with the program."),
    "",
  ].join("\n");
}

function commandLines({ usage, summary, flags }: CommandSpec): string[] {
  return [".SS " + quoted(`cloche ${usage}`), text(`${summary}.`), ...flags.filter(isFirst).flatMap(flagLines)];
}

function isFirst({ name }: FlagSpec, index: number, flags: readonly FlagSpec[]): boolean {
  return flags.findIndex((flag) => flag.name === name) === index;
}

function flagLines({ name, short, value, summary }: FlagSpec): string[] {
  const long = `\\fB${escaped(`--${name}`)}\\fR${value === undefined ? "" : ` \\fI${escaped(value)}\\fR`}`;
  return [".TP", short === undefined ? long : `\\fB${escaped(`-${short}`)}\\fR, ${long}`, text(`${summary}.`)];
}

/** A line of text; one that began with a dot or a quote would be a macro. */
function text(line: string): string {
  return escaped(line).replace(/^[.']/, "\\&$&");
}

function quoted(word: string): string {
  return `"${escaped(word).replaceAll('"', '\\(dq')}"`;
}

function escaped(line: string): string {
  return line.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("…", "...").replaceAll("~", "\\(ti");
}
