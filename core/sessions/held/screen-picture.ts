import type { Terminal } from "@xterm/headless";
import type { ITerminalAddon } from "@xterm/headless";
import type { TerminalSize } from "../../machine/guest.ts";
import type { Picture } from "./picture.ts";
import { followModes } from "./screen-state.ts";

const SCROLLBACK_ROWS = 300;
/** Most that waits to be drawn, in bytes; the emulator itself throws away what is over 50 MB. */
const MOST_WAITING = 1024 * 1024;
/** What a larger terminal has beyond this is empty until the program draws; a cell takes 12 bytes. */
const LARGEST: TerminalSize = { columns: 1000, rows: 500 };

/** A screen that nobody looks at yet. */
export interface ScreenPicture extends Picture {
  /** Hears what the emulator answers to a program that asks what it runs on; only while no real terminal does. */
  onAnswer(listener: (text: string) => void): void;
}

/** Keeps the screen of a full-screen program or a shell, in a terminal emulator. */
export async function screenPicture(size: TerminalSize): Promise<ScreenPicture> {
  const [{ default: headless }, { default: serialize }] = await Promise.all([import("@xterm/headless"), import("@xterm/addon-serialize")]);
  const { columns: cols, rows } = within(size);
  const terminal = new headless.Terminal({ cols, rows, scrollback: SCROLLBACK_ROWS, allowProposedApi: true });
  const serializer = new serialize.SerializeAddon();
  terminal.loadAddon(serializer as unknown as ITerminalAddon);
  const state = followModes(terminal.parser);
  return {
    write: flowOf(terminal),
    resize(changed) {
      const fitting = within(changed);
      terminal.resize(fitting.columns, fitting.rows);
    },
    async bytes() {
      await new Promise<void>((resolve) => terminal.write("", resolve));
      // what the user had on the terminal scrolls up instead of being painted over
      const fresh = `\x1b[0m${"\r\n".repeat(terminal.rows)}\x1b[H\x1b[2J`;
      return Buffer.from(fresh + serializer.serialize({ scrollback: SCROLLBACK_ROWS }) + state.restore());
    },
    onAnswer: (listener) => void terminal.onData(listener),
  };
}

/** Writes without waiting until too much is under way. */
function flowOf(terminal: Terminal): (chunk: Buffer) => Promise<void> {
  let waiting = 0;
  let wake: (() => void) | undefined;
  return async (chunk) => {
    waiting += chunk.length;
    terminal.write(chunk, () => {
      waiting -= chunk.length;
      if (waiting <= MOST_WAITING) wake?.();
    });
    if (waiting > MOST_WAITING) await new Promise<void>((resolve) => (wake = resolve));
  };
}

function within({ columns, rows }: TerminalSize): TerminalSize {
  // the emulator knows no screen of one column
  return { columns: Math.max(2, Math.min(columns, LARGEST.columns)), rows: Math.max(1, Math.min(rows, LARGEST.rows)) };
}
