import type { Duplex } from "node:stream";
import type { EnteredGuest } from "../session.ts";
import { lossOf } from "./guest-loss.ts";
import { GuestOverSsh } from "./guest-over-ssh.ts";
import { checkSendable } from "./guest-quote.ts";
import type { GuestChannel, GuestCommand } from "./guest.ts";
import type { Machine } from "./machine.ts";
import { OwnCommands, type Done } from "./own-commands.ts";
import { MOST_AHEAD_BYTES } from "./port-commands.ts";
import type { SshConnection } from "./ssh.ts";

/**
 * The guest from the moment on at which it has its seed. What we run in it ourselves goes by way of the seed port until SSH is there, whose
 * beginning takes a third of a start under emulation; everything else waits for SSH.
 */
export class GuestAhead extends OwnCommands implements EnteredGuest {
  readonly machine: Machine;
  readonly #reached: Promise<GuestOverSsh>;
  #isDecided = false;

  /** `done` says what was done in there, and is told. */
  constructor(machine: Machine, connecting: Promise<SshConnection>, done: Done) {
    super(done);
    this.machine = machine;
    this.#reached = connecting.then((connection) => new GuestOverSsh(machine, connection)).finally(() => (this.#isDecided = true));
    this.#reached.catch(() => {}); // heard by whoever waits for it
  }

  /** Waits until SSH is there; throws why it cannot be. */
  async reached(): Promise<void> {
    await this.#reached;
  }

  async open(command: GuestCommand): Promise<GuestChannel> {
    return await (await this.#reached).open(command);
  }

  async connect(port: number): Promise<Duplex> {
    return await (await this.#reached).connect(port);
  }

  override async exec(line: string, name: string, inputBytes?: number): Promise<GuestChannel> {
    if (this.#isDecided || Buffer.byteLength(line) + (inputBytes ?? 0) > MOST_AHEAD_BYTES) return await (await this.#reached).exec(line, name);
    checkSendable(line, {});
    const { commands } = this.machine.seedPort;
    const describe = (reason: string): Promise<string> => lossOf(this.machine, reason);
    return inputBytes === undefined ? commands.start(line, describe) : commands.run(line, describe);
  }
}
