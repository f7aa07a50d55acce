import { messageOf } from "../support/errors.ts";
import { logger } from "../support/log.ts";
import type { GuestChannel } from "./guest.ts";

const log = logger("guest");

/** One channel that goes ahead, for the next command that wants it. */
export class SpareChannel {
  readonly #open: () => Promise<GuestChannel>;
  #coming: Promise<GuestChannel | undefined> | undefined;

  /** `open` sends one ahead. */
  constructor(open: () => Promise<GuestChannel>) {
    this.#open = open;
  }

  /** The channel, if there is one, for who now owns it. One that is on its way is waited for: it is nearer than another would be. */
  async take(): Promise<GuestChannel | undefined> {
    const coming = this.#coming;
    this.#coming = undefined;
    const channel = await coming;
    return channel?.stdin.destroyed === true ? undefined : channel; // as when somebody in the guest ended what waits there
  }

  /** Sends one ahead unless there is one. */
  prepare(): void {
    this.#coming ??= this.#open().catch((error: unknown) => {
      log("nothing goes ahead: %s", messageOf(error)); // no failure: commands go the whole way then
      return undefined;
    });
  }
}
