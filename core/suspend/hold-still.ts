import { withDeadline } from "../support/deadline.ts";
import { messageOf } from "../support/errors.ts";
import { escapeLine } from "../support/escape.ts";
import { logger } from "../support/log.ts";
import type { Guest, GuestChannel } from "../machine/guest.ts";
import { onLines } from "../machine/lines.ts";

/** How programs of a guest are made to stand still while its machine is copied. */
export interface Holding {
  /** Has all of them stand still during work; they go on whether the work fails or not. When some do not stand still, the work is done even so. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Why not all stood still, escaped; undefined when they did. */
  readonly unheld: string | undefined;
  /** Ends what holds them. */
  end(): Promise<void>;
}

const log = logger("suspend");
const HOLD = "/usr/lib/cloche/hold";
const READY_MS = 10_000;
// The guest itself gives up after 0.6 s.
const HELD_MS = 1_500;
const GOES_ON_MS = 5_000;
const MAX_LINE_BYTES = 500;

/** Starts in the guest what will hold its programs (guest/hold says what is said), and waits until it is loaded. Never rejects: a guest may be unable to. */
export async function openHolding(guest: Guest): Promise<Holding> {
  try {
    const talk = new Talk(await guest.open({ argv: [HOLD], user: "root", cwd: "/" }));
    const ready = await talk.answer(READY_MS);
    return new HeldGuest(guest, talk, ready === "ready" ? undefined : `"${ready}" instead of ready`);
  } catch (error) {
    return new HeldGuest(guest, undefined, messageOf(error));
  }
}

class HeldGuest implements Holding {
  readonly #guest: Guest;
  readonly #talk: Talk | undefined;
  #unheld: string | undefined;
  #isHeld = false;

  constructor(guest: Guest, talk: Talk | undefined, unheld: string | undefined) {
    this.#guest = guest;
    this.#talk = talk;
    this.#unheld = unheld;
  }

  get unheld(): string | undefined {
    return this.#unheld;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    await this.#hold();
    try {
      return await work();
    } finally {
      await this.#goOn();
    }
  }

  async end(): Promise<void> {
    await this.#goOn();
    this.#talk?.close();
  }

  async #hold(): Promise<void> {
    if (this.#talk === undefined || this.#unheld !== undefined) return;
    this.#isHeld = true;
    const answer = await this.#talk.ask("hold", HELD_MS).catch(messageOf);
    if (answer !== "still") this.#unheld = answer;
  }

  async #goOn(): Promise<void> {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    const answer = await this.#talk?.ask("go on", GOES_ON_MS).catch(messageOf);
    if (answer === "goes on") return;
    // somebody in the guest ended it, perhaps
    log("programs are let go once more: %s", answer);
    await this.#guest.run([HOLD, "thaw"], { deadlineMs: GOES_ON_MS }).catch((error: unknown) => log("%s", messageOf(error)));
  }
}

/** Lines said to a command of the guest, each with one answer. */
class Talk {
  readonly #channel: GuestChannel;
  #next = Promise.withResolvers<string>();

  constructor(channel: GuestChannel) {
    this.#channel = channel;
    channel.stdin.on("error", () => {}); // it ended already; what it answers, or does not, tells
    channel.stderr.resume();
    const end = (why: string): void => this.#next.reject(new Error(why));
    onLines(channel.stdout, MAX_LINE_BYTES, { line: (text) => this.#next.resolve(escapeLine(text)), tooLong: () => end("it said too much") });
    channel.stdout.once("close", () => end("what holds them has ended"));
  }

  async answer(deadlineMs: number): Promise<string> {
    try {
      return await withDeadline(this.#next.promise, deadlineMs, () => new Error(`no answer for ${deadlineMs / 1000} s`));
    } finally {
      if (!this.#channel.stdout.closed) this.#next = Promise.withResolvers<string>();
      this.#next.promise.catch(() => {}); // heard by who asks next
    }
  }

  async ask(word: string, deadlineMs: number): Promise<string> {
    this.#channel.stdin.write(`${word}\n`);
    return await this.answer(deadlineMs);
  }

  close(): void {
    this.#channel.close();
  }
}
