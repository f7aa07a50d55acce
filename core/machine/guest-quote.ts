import { fail } from "./guest-failures.ts";
import type { GuestCommand } from "./guest.ts";

// Linux refuses a single argument of 128 KiB or more, and sshd hands the whole command line to a shell as one.
const MAX_COMMAND_BYTES = 128 * 1024 - 1;
// sshd takes no more than 128 variables for one command, and drops the rest without a word.
const MAX_VARIABLES = 128;
/** What becomes a command of a user; see guest/enter. */
export const ENTER = "/usr/lib/cloche/enter";

/** Where the guest's users live; enter sets HOME to the same. */
export const HOMES = { root: "/root", agent: "/home/agent" } as const;

/** One word of a POSIX shell command that means exactly this text. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The shell command that becomes a program with exactly these arguments as the user, in the directory. */
export function enterLine(command: GuestCommand): string {
  const { user, cwd = HOMES[user], argv } = command;
  // read by root's own shell, which is the one that it is written for: to start another takes a twentieth of a second under emulation
  return `set -- ${[user, cwd, ...argv].map(quote).join(" ")}; . ${ENTER}`;
}

/** Throws GUEST_COMMAND_IMPOSSIBLE when the command cannot reach the guest whole. */
export function checkSendable(line: string, env: Readonly<Record<string, string>>): void {
  const refuse = (reason: string): never => {
    throw fail("GUEST_COMMAND_IMPOSSIBLE", { reason });
  };
  if (line.includes("\0")) refuse("an argument holds a zero byte");
  if (Buffer.byteLength(line) > MAX_COMMAND_BYTES) refuse(`its arguments are longer than ${MAX_COMMAND_BYTES} bytes`);
  const entries = Object.entries(env);
  if (entries.length > MAX_VARIABLES) refuse(`it has more than ${MAX_VARIABLES} environment variables`);
  for (const [name, value] of entries) {
    if (name === "" || /[=\0]/.test(name)) refuse(`"${name}" cannot be the name of a variable`);
    if (value.includes("\0")) refuse(`the variable ${name} holds a zero byte`);
    if (Buffer.byteLength(value) > MAX_COMMAND_BYTES) refuse(`the variable ${name} is longer than ${MAX_COMMAND_BYTES} bytes`);
  }
}
