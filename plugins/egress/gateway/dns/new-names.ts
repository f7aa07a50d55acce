import type { CanonicalName } from "../../names/canonical-name.ts";

const BURST = 200; // a package manager or a browser meets some dozens of hosts at once
const PER_SECOND = 2;
const MOST = 65_536; // half of the addresses there are, so that names of rules always get one
const LONGEST_BELOW = 64; // what the guest may choose in front of a rule's name: a bucket of 63 letters and its dot

/**
 * Limits names that no rule names itself: below a wildcard, or in open and ask mode, the guest can make up any number of them, and
 * each that it then connects to is asked for in the real DNS. How many, how fast and how long they are is bounded.
 */
export class NewNames {
  #tokens = BURST;
  #filledAt: number;
  #given = 0;
  readonly #now: () => number;

  /** `now` answers milliseconds that only grow. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#filledAt = now();
  }

  /** Why the name may not be given an address now, or nothing: then it counts as given. */
  take(name: CanonicalName, base: CanonicalName | undefined): string | undefined {
    if (base !== undefined && name.length - base.length > LONGEST_BELOW) return "the part of the name that a wildcard stands for is too long";
    if (this.#given >= MOST) return "too many names were asked for in this session";
    const now = this.#now();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#filledAt) / 1000) * PER_SECOND);
    this.#filledAt = now;
    if (this.#tokens < 1) return "too many new names at once";
    this.#tokens -= 1;
    this.#given += 1;
    return undefined;
  }
}
