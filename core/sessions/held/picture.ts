import type { TerminalSize } from "../../machine/guest.ts";

/** What a held command has shown, kept so that whoever comes later sees it; bounded, however much is written. */
export interface Picture {
  /** Takes what the command writes. It settles when so little waits to be taken that more may come. */
  write(chunk: Buffer): Promise<void>;
  resize(size: TerminalSize): void;
  /** Once all that was written is taken: bytes that show it on a fresh terminal. */
  bytes(): Promise<Buffer>;
}
