import { ENTER, quote } from "./guest-quote.ts";
import type { GuestCommand } from "./guest.ts";

/** The shell command that goes into the guest as far as one can before it is known what for; the rest is told it by a line. guest/hold knows it by its end. */
export const AHEAD_LINE = `set -- agent; . ${ENTER}`;

/** Longest line in bytes: the shell reads each byte by itself, so as to leave the next to the command. */
const MOST_BYTES = 4 * 1024;
// What the shell itself goes by, and what guest/enter calls by names without such a line, must not be set in it.
const NAMES = /^(?:[A-Z][A-Z0-9_]*|[a-z]+_[a-z0-9_]*)$/;
const OF_THE_SHELL: ReadonlySet<string> = new Set(["IFS", "ENV", "LINENO", "OPTARG", "OPTERR", "OPTIND", "PATH", "PPID", "PS1", "PS2", "PS4", "PWD", "OLDPWD", "RANDOM"]);

/** The line that says the rest of a command, its end included; undefined when the command has to go the whole way by itself. */
export function restLine({ argv, user, cwd, env = {}, tty }: GuestCommand): string | undefined {
  if (user !== "agent" || cwd === undefined || tty) return undefined;
  if (Object.keys(env).some((name) => !NAMES.test(name) || OF_THE_SHELL.has(name))) return undefined;
  const variables = Object.entries(env).map(([name, value]) => `export ${name}=${inLine(value)}; `);
  const line = `${variables.join("")}set -- ${[cwd, ...argv].map(inLine).join(" ")}\n`;
  return line.includes("\0") || Buffer.byteLength(line) > MOST_BYTES ? undefined : line;
}

function inLine(word: string): string {
  return quote(word).replaceAll("\n", () => `'$'\\n''`);
}
