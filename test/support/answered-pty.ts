import { setTimeout as sleep } from "node:timers/promises";
import { Emulator } from "./emulator.ts";
import { Pty } from "./pty.ts";

const EVERY_MS = 50;

/** A program on a pseudo-terminal that answers what it is asked, as xterm does, and whose screen can be read. */
export class AnsweredPty extends Pty {
  readonly #emulator = new Emulator();
  #showing: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(...given: ConstructorParameters<typeof Pty>) {
    super(...given);
    void this.ended.then(() => (this.#isOver = true));
    this.#emulator.onAnswer((text) => this.type(text));
    this.onShown((piece) => (this.#showing = this.#emulator.show(piece)));
  }

  /** What stands on the screen, a line for each of its rows. */
  async read(): Promise<string> {
    await this.#showing;
    return this.#emulator.picture().lines.join("\n");
  }

  /** Waits until this stands on the screen; throws with the screen when it does not, or when the program has ended. */
  async showsOnScreen(wanted: RegExp, deadlineMs: number): Promise<void> {
    for (const late = performance.now() + deadlineMs; !wanted.test(await this.read()); await sleep(EVERY_MS)) {
      if (this.#isOver || performance.now() > late) throw new Error(`${wanted} was not shown; the screen:\n${await this.read()}`);
    }
  }
}
