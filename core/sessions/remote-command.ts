import { Writable, type Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { CommandEnd, GuestChannel, TerminalSize } from "../machine/guest.ts";
import { isFailure, messageOf } from "../support/errors.ts";
import { logger } from "../support/log.ts";
import { dial, parse, type Asking, type ControlAddress } from "./dial.ts";
import { fail } from "./failures.ts";
import { LARGEST_PAYLOAD, type Frame } from "./frames.ts";
import { Incoming, type Sink } from "./incoming.ts";
import { GRACE_MS, type Opened, type OpenRequest, type Resumed, type ResumeRequest, type SignalRequest, type VisitRequest } from "./messages.ts";
import { outlet } from "./outlet.ts";
import { Outgoing } from "./outgoing.ts";
import { decodeAcknowledgement, encodeAcknowledgement, type StreamName } from "./stream-frames.ts";
import type { Wire } from "./wire.ts";

const log = logger("control");
const DIAL_AGAIN_MS = 100;

/**
 * Starts a command in a running session, through its control socket; it is used like one that was started in the guest directly. When
 * the connection breaks, it is taken up again where it was. Throws COMMAND_LONG, CONTROL_REFUSED and others of this part.
 */
export async function openRemote(address: ControlAddress, request: OpenRequest, signal: AbortSignal): Promise<GuestChannel> {
  const bytes = Buffer.byteLength(JSON.stringify(request));
  if (bytes > LARGEST_PAYLOAD) throw fail("COMMAND_LONG", { bytes, limit: LARGEST_PAYLOAD });
  const command = new RemoteCommand(address);
  await command.open({ kind: "open", message: request }, signal);
  return command;
}

/** The command of a detached session, as seen from a terminal that visits it. */
export interface VisitedCommand {
  readonly channel: GuestChannel;
  /** Whether the command has a screen, rather than plain output. */
  readonly hasScreen: boolean;
  readonly isAgent: boolean;
}

/** Couples with the command of a detached session, as `openRemote` does with one of its own. Throws CONTROL_REFUSED and others. */
export async function visitRemote(address: ControlAddress, request: VisitRequest, signal: AbortSignal): Promise<VisitedCommand> {
  const channel = new RemoteCommand(address);
  const { hasScreen = false, isAgent = false } = await channel.open({ kind: "visit", message: request }, signal);
  return { channel, hasScreen, isAgent };
}

class RemoteCommand implements GuestChannel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<CommandEnd>;
  readonly #address: ControlAddress;
  readonly #input = new Outgoing("stdin");
  readonly #incoming: Readonly<Record<"stdout" | "stderr", Incoming>>;
  #resolveEnd!: (end: CommandEnd) => void;
  #end: CommandEnd | undefined;
  #id = "";
  #wire: Wire | undefined;
  #size: TerminalSize | undefined;

  constructor(address: ControlAddress) {
    this.#address = address;
    const stdout = outlet();
    const stderr = outlet();
    this.stdout = stdout.stream;
    this.stderr = stderr.stream;
    this.#incoming = { stdout: this.#receive("stdout", stdout.sink), stderr: this.#receive("stderr", stderr.sink) };
    this.stdin = new Writable({
      write: (chunk: Buffer, _encoding, done) => void this.#input.send(chunk).then(() => done()),
      final: (done) => {
        this.#input.end();
        done();
      },
    });
    this.stdin.on("error", () => {});
    const told = new Promise<CommandEnd>((resolve) => (this.#resolveEnd = resolve));
    this.ended = Promise.all([told, over(this.stdout), over(this.stderr)]).then(([end]) => end);
  }

  async open(request: Pick<Asking, "kind" | "message">, signal: AbortSignal): Promise<Partial<Opened>> {
    let opened: Partial<Opened> = {};
    const answered = (payload: Buffer, wire: Wire): void => {
      opened = parse<Opened>(payload);
      this.#id = opened.channel ?? "";
      this.#take(wire, 0);
    };
    await dial(this.#address, { ...request, answered, hear: (frame) => this.#hear(frame) }, signal);
    return opened;
  }

  resize(size: TerminalSize): void {
    this.#size = size;
    this.#wire?.tell("resize", size);
  }

  signal(name: string): void {
    this.#wire?.tell("signal", { name } satisfies SignalRequest);
  }

  close(): void {
    this.#finish({ kind: "lost", detail: "the command was given up." });
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.destroy();
  }

  #receive(stream: StreamName, sink: Sink): Incoming {
    return new Incoming(sink, (offset) => this.#wire?.send("ack", encodeAcknowledgement({ stream, offset })));
  }

  #take(wire: Wire, stdin: number): void {
    this.#wire = wire;
    for (const incoming of Object.values(this.#incoming)) incoming.repeat();
    this.#input.attach(wire, stdin);
    if (this.#size) wire.tell("resize", this.#size);
    void wire.closed.then(() => this.#lose());
  }

  #hear({ kind, payload }: Frame): void {
    if (kind === "stdout" || kind === "stderr") this.#incoming[kind].take(payload);
    else if (kind === "ack") this.#input.acknowledge(decodeAcknowledgement(payload).offset);
    else if (kind === "end") this.#finish(parse<CommandEnd>(payload));
    else throw fail("CONTROL_PROTOCOL", { detail: `"${kind}" from a session that runs a command` });
  }

  /** The end is known: nothing more is sent or awaited. */
  #finish(end: CommandEnd): void {
    if (this.#end) return;
    this.#end = end;
    this.#input.giveUp();
    this.#wire?.send("close", Buffer.alloc(0));
    this.#wire?.end();
    // after a loss their ends never came
    for (const incoming of Object.values(this.#incoming)) incoming.cut();
    this.stdin.destroy();
    this.#resolveEnd(end);
  }

  /** The connection broke: takes the command up again, unless the session is gone. */
  async #lose(): Promise<void> {
    this.#wire = undefined;
    this.#input.detach();
    const until = Date.now() + GRACE_MS;
    while (!this.#end) {
      try {
        return await this.#resume(AbortSignal.timeout(Math.max(1, until - Date.now())));
      } catch (error) {
        log("cannot take the command up again: %s", messageOf(error));
        if (isFailure(error, "CONTROL_REFUSED") || Date.now() > until || isGone(error)) {
          return this.#finish({ kind: "lost", detail: "the session ended." });
        }
      }
      await sleep(DIAL_AGAIN_MS);
    }
  }

  async #resume(signal: AbortSignal): Promise<void> {
    const { stdout, stderr } = this.#incoming;
    const message: ResumeRequest = { channel: this.#id, stdout: stdout.received, stderr: stderr.received };
    const answered = (payload: Buffer, wire: Wire): void => this.#take(wire, parse<Resumed>(payload).stdin);
    await dial(this.#address, { kind: "resume", message, answered, hear: (frame) => this.#hear(frame) }, signal);
  }
}

/** Whether nobody listens at the socket any more. */
function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return ["ENOENT", "ECONNREFUSED"].includes(code);
}

async function over(stream: Readable): Promise<void> {
  await finished(stream).catch(() => {}); // given up before its end, which is an end too
}
