import { ENTER, quote } from "./guest-quote.ts";
import type { GuestCommand } from "./guest.ts";

/** An environment, by names. */
type Variables = Readonly<Record<string, string>>;

/**
 * The shell command that goes into the guest as far as one can before it is known what for; the rest is told it by a line. It has the
 * environment that the next command most likely has, the last one's, since each byte of that line takes the guest's shell a while.
 * guest/hold knows it by its end.
 */
export function aheadLine(env: Variables): string {
  return `${exported(Object.entries(env), quote)}set -- agent; . ${ENTER}`;
}

/** Longest line in bytes: the shell reads each byte by itself, so as to leave the next to the command. */
const MOST_BYTES = 4 * 1024;
// What the shell itself goes by, and what guest/enter calls by names without such a line, must not be set in it.
const NAMES = /^(?:[A-Z][A-Z0-9_]*|[a-z]+_[a-z0-9_]*)$/;
const OF_THE_SHELL: ReadonlySet<string> = new Set(["IFS", "ENV", "LINENO", "OPTARG", "OPTERR", "OPTIND", "PATH", "PPID", "PS1", "PS2", "PS4", "PWD", "OLDPWD", "RANDOM"]);

/**
 * The line that says the rest of a command to what has gone ahead with this environment, its end included; undefined when the command has
 * to go the whole way by itself.
 */
export function restLine({ argv, user, cwd, env = {}, tty }: GuestCommand, ahead: Variables): string | undefined {
  if (user !== "agent" || cwd === undefined || tty) return undefined;
  if (Object.keys(env).some((name) => !NAMES.test(name) || OF_THE_SHELL.has(name))) return undefined;
  const gone = Object.keys(ahead).filter((name) => !(name in env)).map((name) => `unset ${name}; `);
  const other = Object.entries(env).filter(([name, value]) => ahead[name] !== value);
  const line = `${gone.join("")}${exported(other, inLine)}set -- ${[cwd, ...argv].map(inLine).join(" ")}\n`;
  return line.includes("\0") || Buffer.byteLength(line) > MOST_BYTES ? undefined : line;
}

function exported(variables: readonly (readonly [string, string])[], inWord: (value: string) => string): string {
  return variables.map(([name, value]) => `export ${name}=${inWord(value)}; `).join("");
}

// Only busybox's shell, which reads the line, knows this notation.
function inLine(word: string): string {
  return quote(word).replaceAll("\n", () => `'$'\\n''`);
}
