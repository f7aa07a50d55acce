import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import type { CommandEnd, GuestChannel } from "../machine/guest.ts";
import { fail } from "./failures.ts";
import type { Frame } from "./frames.ts";
import { Incoming } from "./incoming.ts";
import type { Resumed } from "./messages.ts";
import { Outgoing } from "./outgoing.ts";
import { requests } from "./requests.ts";
import { decodeAcknowledgement, encodeAcknowledgement } from "./stream-frames.ts";
import type { Wire } from "./wire.ts";

/** How long a command that nobody wants any more may take to heed SIGHUP, in ms. */
const HEED_MS = 2_000;

/** A command that a client asked for, on the side of the session; it outlives the client's connection by the time of grace. */
export class ServedCommand {
  /** Secret name by which its client takes it up again. */
  readonly id = randomBytes(16).toString("hex");
  readonly #channel: GuestChannel;
  readonly #graceMs: number;
  readonly #onOver: () => void;
  readonly #stdin: Incoming;
  readonly #stdout = new Outgoing("stdout");
  readonly #stderr = new Outgoing("stderr");
  #wire: Wire | undefined;
  #end: CommandEnd | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `onOver` hears when the command has ended and its client knows, or will never ask. */
  constructor(channel: GuestChannel, graceMs: number, onOver: () => void) {
    this.#channel = channel;
    this.#graceMs = graceMs;
    this.#onOver = onOver;
    this.#stdin = new Incoming(
      (bytes, done) => (bytes === undefined ? void channel.stdin.end() : void channel.stdin.write(bytes, done)),
      (offset) => this.#wire?.send("ack", encodeAcknowledgement({ stream: "stdin", offset })),
    );
    channel.stdin.on("error", () => {}); // the command reads no more; its end will tell
    void this.#pump();
  }

  /** Goes on over a connection, after the bytes that the client has. An older connection is ended. Throws CONTROL_PROTOCOL. */
  attach(wire: Wire, has: { readonly stdout: number; readonly stderr: number }): void {
    clearTimeout(this.#timer);
    this.#wire?.destroy();
    this.#wire = wire;
    void wire.closed.then(() => this.#detach(wire));
    this.#stdin.repeat();
    this.#stdout.attach(wire, has.stdout);
    this.#stderr.attach(wire, has.stderr);
    if (this.#end) wire.tell("end", this.#end);
  }

  /** What the client that takes it up again has to know. */
  resumed(): Resumed {
    return { stdin: this.#stdin.received };
  }

  /** Takes a frame of the client; throws CONTROL_PROTOCOL. */
  hear({ kind, payload }: Frame): void {
    switch (kind) {
      case "stdin":
        return this.#stdin.take(payload);
      case "ack":
        return this.#acknowledge(payload);
      case "resize":
        return this.#channel.resize(requests.resize(payload));
      case "signal":
        return this.#channel.signal(requests.signal(payload).name);
      case "close":
        return this.#giveUp();
      default:
        throw fail("CONTROL_PROTOCOL", { detail: `"${kind}" from a client whose command runs` });
    }
  }

  /** The session ends: tells the client why. */
  end(detail: string): void {
    this.#wire?.tell("end", { kind: "lost", detail } satisfies CommandEnd);
    this.#wire?.end();
    this.#close();
  }

  async #pump(): Promise<void> {
    await Promise.all([relay(this.#channel.stdout, this.#stdout), relay(this.#channel.stderr, this.#stderr)]);
    this.#end = await this.#channel.ended;
    this.#wire?.tell("end", this.#end);
  }

  #acknowledge(payload: Buffer): void {
    const { stream, offset } = decodeAcknowledgement(payload);
    if (stream === "stdin") throw fail("CONTROL_PROTOCOL", { detail: "a client that acknowledges its own bytes" });
    (stream === "stdout" ? this.#stdout : this.#stderr).acknowledge(offset);
  }

  #detach(wire: Wire): void {
    if (this.#wire !== wire) return;
    this.#wire = undefined;
    this.#stdout.detach();
    this.#stderr.detach();
    this.#timer = setTimeout(() => this.#giveUp(), this.#graceMs);
  }

  /** The client is gone for good, or says so: the command is told as by a terminal that goes away, then ended by force. */
  #giveUp(): void {
    clearTimeout(this.#timer);
    this.#wire = undefined;
    this.#stdout.giveUp();
    this.#stderr.giveUp();
    if (this.#end) return this.#onOver();
    this.#channel.signal("HUP");
    this.#timer = setTimeout(() => {
      this.#channel.signal("KILL");
      this.#close();
    }, HEED_MS);
    void this.#channel.ended.then(() => this.#close());
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#wire = undefined;
    this.#stdout.giveUp();
    this.#stderr.giveUp();
    this.#channel.close();
    this.#onOver();
  }
}

async function relay(source: Readable, out: Outgoing): Promise<void> {
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) await out.send(chunk);
  } catch {
    // given up before its end, which is an end too
  }
  out.end();
}
