import type { Duplex } from "node:stream";
import { withDeadline } from "../support/deadline.ts";
import { escapeLine } from "../support/escape.ts";
import { fail } from "./guest-failures.ts";
import { onLines } from "./lines.ts";
import { PortCommands } from "./port-commands.ts";
import { clockText, encodeSeed, SEED_VERSION, type Seed } from "./seed.ts";

/** How long to wait for the guest's seed receiver. */
export interface SeedWait {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

const MAX_LINE_BYTES = 1024;
const LONGEST_SHOWN = 200;
const WAITING = `waiting ${SEED_VERSION}`;

interface Question {
  readonly answer: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Our side of the talk with the guest's seed receiver (guest/seed says what is said): one question at a time, each with one answer.
 * A machine that starts and one that is restored are greeted alike.
 */
export class SeedPort {
  readonly #port: Duplex;
  readonly #consoleTail: () => string;
  /** Commands in a guest that has its seed; beside the questions, and beside each other. */
  readonly commands: PortCommands;
  #question: Question | undefined;
  #broken: string | undefined;
  #waits = false;

  /** `consoleTail` answers the end of the guest's console, escaped; it is shown when the receiver does not answer. */
  constructor(port: Duplex, consoleTail: () => string) {
    this.#port = port;
    this.#consoleTail = consoleTail;
    this.commands = new PortCommands((text) => void port.write(text, "latin1"));
    onLines(port, MAX_LINE_BYTES, {
      line: (text) => this.#take(text.replace(/\r$/, "")),
      tooLong: () => this.#break(`a line of more than ${MAX_LINE_BYTES} bytes`),
    });
    port.on("error", (error) => this.#break(`nothing, since the port failed (${escapeLine(error.message)})`));
    port.once("end", () => this.#break("nothing, since the port was closed"));
    port.once("close", () => this.#break("nothing, since the port was closed"));
  }

  /** Waits until the receiver waits for its seed; at once when that is known already. */
  async greet(wait: SeedWait): Promise<void> {
    if (this.#waits && this.#broken === undefined) return;
    await this.#ask("ask\n", WAITING, "did not ask for its seed", wait);
    this.#waits = true;
  }

  /** Has what every session runs run once; for a machine that will be frozen. */
  async warm(wait: SeedWait): Promise<void> {
    await this.#ask("warm\n", "warm", "did not warm itself", wait);
  }

  /** Hands the one seed over and waits until it is applied. */
  async plant(seed: Seed, wait: SeedWait): Promise<void> {
    await this.#ask(encodeSeed(seed), "ready", "did not apply its seed", wait);
  }

  /** Gives a copy of a guest that has its seed another one, and waits until it is applied. */
  async plantAgain(seed: Seed, wait: SeedWait): Promise<void> {
    await this.#ask(encodeSeed(seed, Date.now(), "CLOCHE-AGAIN"), "again", "did not apply its new seed", wait);
  }

  /** Tells a guest that goes on where it was saved the time, and that the host is there to be dialled. */
  async resume(nowMs: number, wait: SeedWait): Promise<void> {
    await this.#ask(`resume ${clockText(nowMs)}\n`, "clock", "did not go on", wait);
  }

  /** Sets the clock of a guest that has its seed. */
  async setClock(nowMs: number, wait: SeedWait): Promise<void> {
    await this.#ask(`clock ${clockText(nowMs)}\n`, "clock", "did not set its clock", wait);
  }

  async #ask(question: string | Buffer, answer: string, what: string, { deadlineMs, signal }: SeedWait): Promise<void> {
    if (this.#question) throw new Error("the seed port answers one question at a time");
    const answered = new Promise<void>((resolve, reject) => {
      this.#question = { answer, resolve, reject };
    });
    if (this.#broken === undefined) this.#port.write(question);
    else this.#break(this.#broken);
    const late = () => fail("GUEST_SILENT", { deadlineMs, what, console: this.#consoleTail() });
    try {
      await withDeadline(answered, deadlineMs, late, signal);
    } finally {
      this.#question = undefined;
    }
  }

  #take(line: string): void {
    const question = this.#question;
    if (line === question?.answer) return question.resolve();
    if (this.commands.take(line)) return;
    if (line === WAITING) return; // said unasked when it started, and again when it was asked
    if (line.startsWith("error ")) {
      const facts = { reason: escapeLine(line.slice("error ".length)), console: this.#consoleTail() };
      return question?.reject(fail("GUEST_SEED_REFUSED", facts));
    }
    this.#break(`"${escapeLine(line.slice(0, LONGEST_SHOWN))}"`);
  }

  #break(said: string): void {
    this.#broken ??= said;
    this.commands.lose(`its seed receiver said ${this.#broken}`);
    this.#question?.reject(fail("GUEST_SEED_NONSENSE", { said: this.#broken, console: this.#consoleTail() }));
  }
}
