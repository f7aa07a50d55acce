import { messageOf } from "../support/errors.ts";
import { logger } from "../support/log.ts";
import type { GuestChannel } from "./guest.ts";

const log = logger("guest");

type Variables = Readonly<Record<string, string>>;

/** A channel that went ahead, and the environment that it has. */
export interface Spare {
  readonly channel: GuestChannel;
  readonly env: Variables;
}

/** One channel that goes ahead, for the next command that wants it. */
export class SpareChannel {
  readonly #open: (env: Variables) => Promise<GuestChannel>;
  #coming: Promise<Spare | undefined> | undefined;

  /** `open` sends one ahead, with this environment. */
  constructor(open: (env: Variables) => Promise<GuestChannel>) {
    this.#open = open;
  }

  /** The channel, if there is one, for who now owns it. One that is on its way is waited for: it is nearer than another would be. */
  async take(): Promise<Spare | undefined> {
    const coming = this.#coming;
    this.#coming = undefined;
    const spare = await coming;
    return spare?.channel.stdin.destroyed === true ? undefined : spare; // as when somebody in the guest ended what waits there
  }

  /** Sends one ahead unless there is one. */
  prepare(env: Variables): void {
    this.#coming ??= this.#open(env).then(
      (channel) => ({ channel, env }),
      (error: unknown) => {
        log("nothing goes ahead: %s", messageOf(error)); // no failure: commands go the whole way then
        return undefined;
      },
    );
  }
}
