const SEGMENT_BYTES = 1_024; // what is shorter is talk, not bulk
const SMALL_BYTES = 16_384; // where more is there at once, nothing needs to be gathered
const WORTH_BYTES = 8_192; // a rest that gathered less than this only delayed
const BUSY_READS = 32;
const IN_A_ROW_MS = 3;
const REST_MS = 1;
const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** What tests replace. */
export interface Pace {
  now(): number;
  /** Whether a rest was asked for and has not begun. */
  readonly restComes: boolean;
  /** Has everything stand still for a millisecond once what is at hand is done. */
  rest(): void;
}

/**
 * What a guest uploads comes from its virtual network in segments of 1,460 bytes, each of which wakes the gateway: that takes more of
 * the processor, which the guest lacks then, than passing the bytes on. So while small reads follow each other fast, the gateway rests
 * for a millisecond after each, and then reads at once what came meanwhile.
 */
export class Gathering {
  readonly #pace: Pace;
  #inARow = 0;
  #lastAt = 0;
  #rested = false;

  constructor(pace: Pace = PROCESS) {
    this.#pace = pace;
  }

  /** Takes note of how much was read. */
  took(bytes: number): void {
    if (this.#pace.restComes) return;
    const now = this.#pace.now();
    this.#inARow = this.#goesOn(bytes, now - this.#lastAt) ? this.#inARow + 1 : 0;
    this.#lastAt = now;
    this.#rested = this.#inARow >= BUSY_READS;
    if (this.#rested) this.#pace.rest();
  }

  #goesOn(bytes: number, sinceMs: number): boolean {
    if (this.#rested) return bytes >= WORTH_BYTES;
    return bytes >= SEGMENT_BYTES && bytes < SMALL_BYTES && sinceMs < IN_A_ROW_MS;
  }
}

let restComes = false;

/** The loop is the process's, and so is its rest. */
const PROCESS: Pace = {
  now: () => performance.now(),
  get restComes() {
    return restComes;
  },
  rest() {
    restComes = true;
    setImmediate(() => {
      restComes = false;
      Atomics.wait(NEVER, 0, 0, REST_MS); // with a timer the socket would stay polled, and every segment wake the process all the same
    });
  },
};
