import { expect } from "chai";
import fc from "fast-check";
import { AddressBook } from "../../../../plugins/egress/addresses/address-book.ts";
import { canonicalName, type CanonicalName } from "../../../../plugins/egress/names/canonical-name.ts";

function nameOf(number: number): CanonicalName {
  const name = canonicalName(`n${number}.example`);
  if (name === undefined) throw new Error("no name");
  return name;
}

describe("The address book", () => {
  it("gives each name one address for good, and no address two names", () => {
    fc.assert(fc.property(fc.array(fc.nat(50)), (numbers) => {
      const book = new AddressBook([]);
      const first = new Map<number, string | undefined>();
      for (const number of numbers) {
        const address = book.addressOf(nameOf(number));
        if (!first.has(number)) first.set(number, address);
        expect(address).to.equal(first.get(number));
        expect(book.destinationOf(address ?? "")).to.equal(nameOf(number));
      }
      expect(new Set(first.values()).size).to.equal(first.size);
    }));
  });

  it("begins at 198.18.0.2 with the names it is made of", () => {
    const book = new AddressBook([nameOf(1), nameOf(2), nameOf(1)]);
    expect(book.addressOf(nameOf(2))).to.equal("198.18.0.3");
    expect(book.destinationOf("198.18.0.2")).to.equal(nameOf(1));
    expect(book.destinationOf("198.18.0.4")).to.equal(undefined);
  });

  it("takes every other address for what it is", () => {
    const book = new AddressBook([]);
    expect(book.destinationOf("93.184.216.34")).to.equal("93.184.216.34");
    for (const address of ["198.18.0.2", "198.19.255.255", "::1%lo", "none"]) expect(book.destinationOf(address), address).to.equal(undefined);
  });

  it("stays within its range, and says when it is full", () => {
    const book = new AddressBook([]);
    let last: string | undefined;
    for (let number = 0; number < 2 ** 17 - 3; number += 1) last = book.addressOf(nameOf(number));
    expect(last).to.equal("198.19.255.254");
    expect(book.addressOf(nameOf(2 ** 17))).to.equal(undefined);
    expect(book.addressOf(nameOf(0))).to.equal("198.18.0.2");
  });
});
