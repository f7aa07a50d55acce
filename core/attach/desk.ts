import type { GuestChannel, GuestCommand } from "../machine/guest.ts";
import { DesktopNotifier } from "./desktop-notifier.ts";
import type { Notices } from "./notices.ts";
import { readClipboardImage } from "./paste/host-clipboard.ts";
import { ImagePaste } from "./paste/image-paste.ts";

/** What the user allows programs of the guest on the terminal, as the section `terminal` of the configuration says. */
export interface DeskOptions {
  /** Most bytes that a program may put on the clipboard at once; 0 forbids it. */
  readonly clipboardBytes: number;
  /** Whether Ctrl+V brings an image of the clipboard to the agent. */
  readonly pasteImages: boolean;
  /** Whether the desktop says that the agent waits. */
  readonly notify: boolean;
}

/** Until it is known what the user allows, nothing is. */
export const NOTHING: DeskOptions = { clipboardBytes: 0, pasteImages: false, notify: false };

/** What a desk is made from. */
export interface DeskParts {
  readonly session: string;
  readonly notices: Notices;
  /** The host's environment; single names are taken from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the agent has the terminal, rather than a shell or a command, in which Ctrl+V means something else. */
  readonly isAgent: boolean;
  /** Asked each time. */
  options(): DeskOptions;
  /** Starts a command in the guest. */
  open(command: GuestCommand): Promise<GuestChannel>;
}

/** What else than a screen the user's desk is to a program that has the terminal: clipboard, keys and notifications. */
export class Desk {
  readonly notices: Notices;
  readonly #parts: DeskParts;
  readonly #notifier: DesktopNotifier;
  readonly #paste: ImagePaste;

  constructor(parts: DeskParts) {
    const { env, notices } = parts;
    this.#parts = parts;
    this.notices = notices;
    this.#notifier = new DesktopNotifier(parts);
    this.#paste = new ImagePaste({
      read: () => readClipboardImage({ env }),
      open: (command) => parts.open(command),
      tell: (line) => notices.tell(line),
    });
  }

  get clipboardBytes(): number {
    return this.#parts.options().clipboardBytes;
  }

  /** A program wants to be looked at. */
  attention(): void {
    if (this.#parts.options().notify) this.#notifier.attention();
  }

  /** Sees what the user types; what it answers is to be waited for before the program gets it. */
  typed(chunk: Buffer): Promise<void> | undefined {
    this.#notifier.typed();
    return this.#parts.isAgent && this.#parts.options().pasteImages ? this.#paste.before(chunk) : undefined;
  }
}
