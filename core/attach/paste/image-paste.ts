import type { GuestChannel, GuestCommand } from "../../machine/guest.ts";
import { finish } from "../../machine/guest-run.ts";
import { messageOf } from "../../support/errors.ts";
import { LARGEST_IMAGE, type PastedImage } from "./host-clipboard.ts";
import { PasteKey } from "./keystroke.ts";

/** What pasting needs of both sides. */
export interface PasteOptions {
  /** Reads the user's clipboard; asked at the user's own keystroke and at no other time. */
  read(): Promise<PastedImage | undefined>;
  /** Starts a command in the guest. */
  open(command: GuestCommand): Promise<GuestChannel>;
  /** Tells the user what happened. */
  tell(line: string): void;
}

// Where guest/clipboard is in the guest.
const SHIM = "/usr/local/bin/xclip";
const DEADLINE_MS = 15_000;

/**
 * Brings an image of the user's clipboard into the guest when the user presses Ctrl+V, just before the agent gets the key and looks
 * for one. The guest has no way to ask.
 */
export class ImagePaste {
  readonly #options: PasteOptions;
  readonly #key = new PasteKey();
  #delivered = false;

  constructor(options: PasteOptions) {
    this.#options = options;
  }

  /** Looks at a piece of the user's input; when the key is in it, answers what to wait for before it is passed on. Never rejects. */
  before(chunk: Buffer): Promise<void> | undefined {
    return this.#key.isIn(chunk) ? this.#bring() : undefined;
  }

  async #bring(): Promise<void> {
    try {
      const image = await this.#options.read();
      if (image && image.bytes.length > LARGEST_IMAGE) {
        this.#options.tell(`The image on your clipboard is larger than ${LARGEST_IMAGE / 1024 / 1024} MiB; it was not pasted.`);
      } else if (image) {
        await this.#run(["--cloche-deliver", image.type], image.bytes);
        this.#delivered = true;
        this.#options.tell(`An image of ${Math.ceil(image.bytes.length / 1024)} KiB was pasted from your clipboard.`);
      } else if (this.#delivered) {
        // an older one must not be taken for what is on the clipboard now
        await this.#run(["--cloche-clear"], "");
        this.#delivered = false;
      }
    } catch (error) {
      this.#options.tell(`The image on your clipboard could not be pasted: ${messageOf(error)}`);
    }
  }

  async #run(args: readonly string[], input: string | Buffer): Promise<void> {
    const argv = [SHIM, ...args];
    await finish(this.#options.open({ argv, user: "agent", cwd: "/" }), argv, input, DEADLINE_MS);
  }
}
