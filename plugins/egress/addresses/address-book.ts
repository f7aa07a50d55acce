import type { CanonicalName } from "../names/canonical-name.ts";
import { literalAddress, type Destination } from "../names/destination.ts";
import { parseIPv4 } from "./parse.ts";

/** The range that stands for names in the guest (RFC 2544: never routed); core makes it local to the jail's network. */
export const NAME_RANGE = "198.18.0.0/15";

const FIRST = 0xc6120002; // 198.18.0.2: the first two and the last of a range are easily taken for something else
const SIZE = 2 ** 17 - 3;

/**
 * Which address stands for which name. A name keeps its address for the whole session, and no other name ever gets it, so a
 * connection's local address says which name was meant.
 */
export class AddressBook {
  readonly #addresses = new Map<CanonicalName, string>();
  readonly #names = new Map<string, CanonicalName>();
  readonly #capacity: number;

  /** The given names get their addresses at once, in this order, so that two books made from the same names agree. */
  constructor(names: Iterable<CanonicalName>, capacity: number = SIZE) {
    this.#capacity = capacity;
    for (const name of names) this.addressOf(name);
  }

  /** The name's address, new when it has none yet; undefined when all are given away. */
  addressOf(name: CanonicalName): string | undefined {
    const known = this.#addresses.get(name);
    if (known !== undefined) return known;
    if (this.#addresses.size >= this.#capacity) return undefined;
    const address = dotted(FIRST + this.#addresses.size);
    this.#addresses.set(name, address);
    this.#names.set(address, name);
    return address;
  }

  /** Whether the name has its address already. */
  has(name: CanonicalName): boolean {
    return this.#addresses.has(name);
  }

  /** What is meant by dialling an address: the name that it stands for, itself, or nothing when it could stand for a name. */
  destinationOf(address: string): Destination | undefined {
    return this.#names.get(address) ?? (isInRange(address) ? undefined : literalAddress(address));
  }
}

function isInRange(address: string): boolean {
  const [first, second] = parseIPv4(address) ?? [];
  return first === 198 && (second === 18 || second === 19);
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join(".");
}
