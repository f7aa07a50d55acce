import type { GuestChannel } from "../machine/guest.ts";
import { sizeOf, type TerminalPort } from "./terminal.ts";

/**
 * Hands every key to the command, Ctrl-C and Ctrl-Z too, and tells it the terminal's size whenever that changes. Answers how to give
 * the terminal back; if we end without that, Node sets its modes back itself.
 */
export function takeTerminal(terminal: TerminalPort, channel: GuestChannel): () => void {
  const { stdin, stdout } = terminal;
  const raw = (on: boolean): void => {
    try {
      if (stdin.isTTY) terminal.setRaw(on);
    } catch {
      // the terminal is gone, and its modes with it
    }
  };
  const resize = (): void => channel.resize(sizeOf(terminal));
  const stopListening = terminal.onContinue(() => {
    raw(false); // Node remembers the mode and would not set it again
    raw(true);
    resize();
  });
  raw(true);
  resize();
  stdout.on("resize", resize);
  return () => {
    stdout.off("resize", resize);
    stopListening();
    raw(false);
  };
}
