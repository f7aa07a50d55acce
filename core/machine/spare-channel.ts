import { messageOf } from "../support/errors.ts";
import { logger } from "../support/log.ts";
import type { GuestChannel } from "./guest.ts";

const log = logger("guest");

/** One channel that has gone ahead, for the next command that wants it. */
export class SpareChannel {
  readonly #open: () => Promise<GuestChannel>;
  #channel: GuestChannel | undefined;
  #isComing = false;

  /** `open` sends one ahead. */
  constructor(open: () => Promise<GuestChannel>) {
    this.#open = open;
  }

  /** The channel, if there is one, for who now owns it. */
  take(): GuestChannel | undefined {
    const channel = this.#channel;
    this.#channel = undefined;
    return channel?.stdin.destroyed === true ? undefined : channel; // as when somebody in the guest ended what waits there
  }

  /** Sends one ahead unless there is one. That it cannot is no failure: commands go the whole way then. */
  async prepare(): Promise<void> {
    if (this.#isComing || this.#channel?.stdin.destroyed === false) return;
    this.#isComing = true;
    try {
      this.#channel = await this.#open();
    } catch (error) {
      log("nothing goes ahead: %s", messageOf(error));
    } finally {
      this.#isComing = false;
    }
  }
}
