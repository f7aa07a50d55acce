import type { CommandEnd, GuestChannel, TerminalSize } from "../../machine/guest.ts";
import { fail } from "../failures.ts";
import type { VisitRequest } from "../messages.ts";
import type { Picture } from "./picture.ts";
import { screenPicture } from "./screen-picture.ts";
import { tailPicture } from "./tail-picture.ts";
import { TAKEN, Visit, type Visited } from "./visit.ts";

/** What a held command is. */
export interface HeldFacts {
  /** The session's name, for messages. */
  readonly name: string;
  /** Whether it is the agent, rather than a shell or another command. */
  readonly isAgent: boolean;
}

/** The command of a detached session: it goes on whether anybody looks at it or not, and one terminal at a time may. */
export class HeldCommand {
  readonly facts: HeldFacts;
  readonly tty: boolean;
  /** Settles, never rejects, when it is over and all that it wrote was taken. */
  readonly ended: Promise<CommandEnd>;
  readonly #channel: GuestChannel;
  readonly #picture: Picture;
  #visit: Visit | undefined;

  private constructor(facts: HeldFacts, channel: GuestChannel, picture: Picture, tty: boolean) {
    this.facts = facts;
    this.tty = tty;
    this.#channel = channel;
    this.#picture = picture;
    channel.stdin.on("error", () => {}); // its end will tell
    if (!tty) channel.stdin.end();
    this.ended = this.#pump();
  }

  /** Holds a command that starts; `size` is that of its terminal, when it has one. The screen is made while the guest is at work. */
  static async hold(facts: HeldFacts, opening: GuestChannel | Promise<GuestChannel>, size: TerminalSize | undefined): Promise<HeldCommand> {
    if (size === undefined) return new HeldCommand(facts, await opening, tailPicture(), false);
    const [channel, picture] = await Promise.all([opening, screenPicture(size)]);
    const held = new HeldCommand(facts, channel, picture, true);
    // else a program that asks what it runs on, as editors do, would wait for a terminal that is not there
    picture.onAnswer((text) => {
      if (!held.#visit && !channel.stdin.destroyed) channel.stdin.write(text);
    });
    return held;
  }

  /** Begins a visit; throws SESSION_VISITED when another terminal is there, and SESSION_TERMINAL_MISSING. */
  visit({ size, take }: VisitRequest): Visit {
    if (this.tty && size === undefined) throw fail("SESSION_TERMINAL_MISSING", { name: this.facts.name });
    if (this.#visit && !take) throw fail("SESSION_VISITED", { name: this.facts.name });
    this.#visit?.end({ kind: "lost", detail: TAKEN });
    if (size !== undefined) this.#resize(size);
    const visited: Visited = {
      type: (bytes, done) => void (this.tty ? this.#channel.stdin.write(bytes, () => done()) : done()),
      resize: (changed) => this.#resize(changed),
      picture: () => this.#picture.bytes(),
      left: (visit) => {
        if (this.#visit === visit) this.#visit = undefined;
      },
    };
    return (this.#visit = new Visit(visited));
  }

  /** Whether a terminal is there just now. */
  get isVisited(): boolean {
    return this.#visit !== undefined;
  }

  signal(name: string): void {
    this.#channel.signal(name);
  }

  close(): void {
    this.#channel.close();
  }

  #resize(size: TerminalSize): void {
    this.#picture.resize(size);
    this.#channel.resize(size);
  }

  async #pump(): Promise<CommandEnd> {
    await Promise.all([this.#take(this.#channel.stdout), this.#take(this.#channel.stderr)]);
    const end = await this.#channel.ended;
    this.#visit?.end(end);
    return end;
  }

  async #take(stream: GuestChannel["stdout"]): Promise<void> {
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        this.#visit?.hear(chunk);
        await this.#picture.write(chunk);
      }
    } catch {
      // given up before its end, which is an end too
    }
  }
}
