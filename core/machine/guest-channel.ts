import { Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import type { ClientChannel } from "ssh2";
import type { CommandEnd, GuestChannel, TerminalSize } from "./guest.ts";
import type { Prelude } from "./guest-prelude.ts";

/** What a channel needs of the connection it belongs to. */
export interface ChannelHome {
  /** Says why a command ended without a status: the connection or the machine is gone. */
  describeLoss(): Promise<string>;
  /** Sends the signal to the process group. */
  kill(signal: string, group: number): Promise<void>;
}

const BUFFER_BYTES = 256 * 1024;
const SIGNAL_NAME = /^[A-Z0-9]{1,10}$/;

/** A running command over one SSH channel. */
export class SshChannel implements GuestChannel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<CommandEnd>;
  readonly #channel: ClientChannel;
  readonly #prelude: Prelude;
  readonly #home: ChannelHome;

  constructor(channel: ClientChannel, prelude: Prelude, home: ChannelHome) {
    this.#channel = channel;
    this.#prelude = prelude;
    this.#home = home;
    channel.on("error", () => {}); // such as a write after the command's end; `ended` tells what happened
    this.stdin = inputOf(channel);
    this.stdout = relay(channel, prelude);
    this.stderr = relay(channel.stderr);
    this.ended = this.#waitForEnd();
  }

  resize(size: TerminalSize): void {
    this.#channel.setWindow(size.rows, size.columns, 0, 0);
  }

  signal(name: string): void {
    if (!SIGNAL_NAME.test(name)) throw new Error(`"${name}" is not the name of a signal`);
    void this.#prelude.pid.then((group) => (group === undefined ? undefined : this.#home.kill(name, group)));
  }

  close(): void {
    this.#channel.close();
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.destroy();
  }

  async #waitForEnd(): Promise<CommandEnd> {
    let end: CommandEnd | undefined;
    this.#channel.once("exit", (status: number | null, signal?: string) => {
      end = status === null ? { kind: "signal", signal: (signal ?? "").replace(/^SIG/, "") } : { kind: "exit", status };
    });
    const closed = new Promise<void>((resolve) => this.#channel.once("close", () => resolve()));
    await Promise.all([closed, over(this.stdout), over(this.stderr)]);
    return end ?? { kind: "lost", detail: await this.#home.describeLoss() };
  }
}

async function over(stream: Readable): Promise<void> {
  await finished(stream).catch(() => {}); // given up before its end, which is an end too
}

/** The readable half, with back-pressure as far as the command. What comes after it was given up is thrown away. */
function relay(source: Readable, prelude?: Prelude): Readable {
  const out = new Readable({
    highWaterMark: BUFFER_BYTES,
    read: () => void source.resume(),
    destroy: (error, done) => {
      source.resume();
      done(error);
    },
  });
  const pass = (chunk: Buffer): void => {
    if (chunk.length > 0 && !out.destroyed && !out.push(chunk)) source.pause();
  };
  source.on("data", (chunk: Buffer) => pass(prelude ? prelude.take(chunk) : chunk));
  source.once("end", () => {
    if (prelude) pass(prelude.end());
    if (!out.destroyed) out.push(null);
  });
  return out;
}

/** The writable half. ssh2 forgets a write that waits when the channel closes; destroying the stream ends the waiting. */
function inputOf(channel: ClientChannel): Writable {
  const stdin = new Writable({
    write: (chunk: Buffer, _encoding, done) => void channel.write(chunk, () => done()),
    final: (done) => {
      channel.end();
      done();
    },
  });
  stdin.on("error", () => {});
  channel.once("close", () => stdin.destroy());
  return stdin;
}
