import type { GuestCommand } from "../machine/guest.ts";
import type { Launch } from "./launch.ts";
import { sizeOf, type LocalOutput, type TerminalPort } from "./terminal.ts";

// What Debian's ncurses-base describes; with a name that is not known there, programs refuse to start.
const KNOWN_TERM =
  /^(ansi|dumb|linux|rxvt(-basic|-unicode(-256color)?)?|(screen|tmux)(-256color)?|vt(52|100|102|220)|xterm(-256color|-color|-mono|-vt220|-xfree86|-r[56])?)$/;
const FALLBACK_TERM = "xterm-256color";
const COLORTERM = /^(truecolor|24bit)$/;
// The only locale with UTF-8 that every Debian image has, whatever the host's is called.
const LOCALE = "C.UTF-8";

/** What a command has to know of the terminal that it is started for. */
export interface TerminalKind extends Pick<TerminalPort, "env"> {
  readonly stdout: Pick<LocalOutput, "columns" | "rows">;
}

/** A finished launch as a command in the guest: the agent's user, in the project, on a terminal of the user's kind if one is wanted. */
export function launchCommand(launch: Pick<Launch, "argv" | "env">, project: string, terminal: TerminalKind, tty: boolean): GuestCommand {
  const { TERM = "", COLORTERM: colors = "" } = terminal.env;
  const env: Record<string, string> = { LANG: LOCALE };
  if (tty && COLORTERM.test(colors)) env["COLORTERM"] = colors;
  const command = { argv: launch.argv, user: "agent", cwd: project, env: { ...env, ...launch.env } } as const;
  if (!tty) return command;
  return { ...command, tty: { ...sizeOf(terminal), term: KNOWN_TERM.test(TERM) ? TERM : FALLBACK_TERM } };
}
