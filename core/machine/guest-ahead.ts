import type { Duplex } from "node:stream";
import { checkSendable } from "./guest-quote.ts";
import { lossOf } from "./guest-loss.ts";
import { GuestOverSsh } from "./guest-over-ssh.ts";
import type { CommandOutput, DoneOptions, GuestChannel, GuestCommand, GuestFile } from "./guest.ts";
import type { EnteredGuest } from "../session.ts";
import type { Machine } from "./machine.ts";
import { OwnCommands, type Done, type RunOptions } from "./own-commands.ts";
import { MOST_AHEAD_BYTES } from "./port-commands.ts";
import type { SshConnection } from "./ssh.ts";

/**
 * The guest from the moment on at which it has its seed. What we run in it ourselves goes by way of the seed port until SSH is there, whose
 * beginning takes a third of a start under emulation; everything else waits for SSH.
 */
export class GuestAhead implements EnteredGuest {
  readonly machine: Machine;
  readonly #own: OwnCommands;
  readonly #reached: Promise<GuestOverSsh>;
  #isDecided = false;

  /** `done` says what was done in there, and is told. */
  constructor(machine: Machine, connecting: Promise<SshConnection>, done: Done) {
    this.machine = machine;
    this.#own = new OwnCommands((line, name, inputBytes) => this.#exec(line, name, inputBytes), done);
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

  async run(argv: readonly string[], options?: RunOptions): Promise<CommandOutput> {
    return await this.#own.run(argv, options);
  }

  async start(argv: readonly string[]): Promise<GuestChannel> {
    return await this.#own.start(argv);
  }

  async writeFile(path: string, content: string | Uint8Array, mode?: number): Promise<void> {
    await this.#own.writeFile(path, content, mode);
  }

  async writeFiles(files: readonly GuestFile[], options?: DoneOptions): Promise<void> {
    await this.#own.writeFiles(files, options);
  }

  async #exec(line: string, name: string, inputBytes: number | undefined): Promise<GuestChannel> {
    if (this.#isDecided || Buffer.byteLength(line) + (inputBytes ?? 0) > MOST_AHEAD_BYTES) return await (await this.#reached).exec(line, name);
    checkSendable(line, {});
    const { commands } = this.machine.seedPort;
    const describe = (reason: string): Promise<string> => lossOf(this.machine, reason);
    return inputBytes === undefined ? commands.start(line, describe) : commands.run(line, describe);
  }
}
