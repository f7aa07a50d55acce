import { randomInt } from "node:crypto";
import type { GuestChannel } from "./guest.ts";
import { PortChannel } from "./port-channel.ts";
import { FlowingInput, wholeInput } from "./port-input.ts";

/** Longest line and input together, in bytes, that goes this way; guest/seed takes 16 MiB with what encoding adds. */
export const MOST_AHEAD_BYTES = 8 * 1024 * 1024;

/** Most that one command may have said that nobody read. */
const MOST_UNREAD_BYTES = 4 * 1024 * 1024;
const MOST_COMMANDS = 1_000_000;
const SAID = /^(?:(out|err) (\d{1,9}) ([A-Za-z0-9+/]*={0,2})|end (\d{1,9}) (exit|signal) (\d{1,3})|took (\d{1,9}))$/;

interface Running {
  readonly channel: PortChannel;
  readonly input: FlowingInput | undefined;
}

/** The commands of ours that run by way of the seed port: what a start needs of the guest before SSH is there. */
export class PortCommands {
  readonly #send: (text: string) => void;
  readonly #running = new Map<number, Running>();
  // another for each host: a machine that goes on may still have commands of another one
  #last = randomInt(1, 999_999_999 - MOST_COMMANDS);
  #lost: string | undefined;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  /** Has root's own shell take a line when all that it reads is there. `describe` says what a loss means. */
  run(line: string, describe: (reason: string) => Promise<string>): GuestChannel {
    const id = (this.#last += 1);
    return this.#add(id, wholeInput((input) => this.#send(request("run", id, line, input))), undefined, describe);
  }

  /** The same for a line that reads while it runs. */
  start(line: string, describe: (reason: string) => Promise<string>): GuestChannel {
    const id = (this.#last += 1);
    const input = new FlowingInput((piece) => this.#send(piece === undefined ? `eof ${id}\n` : `in ${id} ${piece.toString("base64")}\n`));
    const channel = this.#add(id, input, input, describe);
    this.#send(request("start", id, line, Buffer.alloc(0)));
    return channel;
  }

  /** Whether a line of the guest's was about a command. One that was given up, or is another host's, is of no interest. */
  take(text: string): boolean {
    const [isOne, where, said, bytes = "", ended, how, number, took] = SAID.exec(text) ?? [];
    if (isOne === undefined) return false;
    const id = Number(said ?? ended ?? took);
    const { channel, input } = this.#running.get(id) ?? {};
    if (took !== undefined) input?.took();
    else if (ended !== undefined) {
      this.#running.delete(id);
      channel?.exited(how as "exit" | "signal", Number(number));
    } else if (channel) {
      channel.said(where as "out" | "err", Buffer.from(bytes, "base64"));
      if (channel.stdout.readableLength + channel.stderr.readableLength > MOST_UNREAD_BYTES) channel.signal("KILL");
    }
    return true;
  }

  /** The guest cannot be heard any more, for the reason given. */
  lose(reason: string): void {
    this.#lost ??= reason;
    for (const { channel } of this.#running.values()) channel.lost(this.#lost);
    this.#running.clear();
  }

  #add(id: number, stdin: PortChannel["stdin"], input: FlowingInput | undefined, describe: (reason: string) => Promise<string>): GuestChannel {
    const kill = (): void => {
      if (!this.#running.delete(id)) return;
      this.#send(`kill ${id}\n`);
      channel.exited("signal", 9);
    };
    const channel = new PortChannel(stdin, { kill, describe });
    this.#running.set(id, { channel, input });
    if (this.#lost !== undefined) this.lose(this.#lost);
    return channel;
  }
}

function request(word: "run" | "start", id: number, line: string, input: Buffer): string {
  const payload = `${Buffer.from(line).toString("base64")}\n${input.toString("base64")}\n`;
  return `${word} ${id} ${payload.length}\n${payload}`;
}
