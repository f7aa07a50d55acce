import { expect } from "chai";
import { readSaying } from "../../../core/attach/desk-saying.ts";

describe("What a session says of its desk", () => {
  const options = { clipboardBytes: 10, pasteImages: true, notify: false };

  it("is the options, or a notice, and nothing beside", () => {
    expect(readSaying({ options })).to.deep.equal({ options });
    expect(readSaying({ notice: "asked" })).to.deep.equal({ notice: "asked" });
    expect(readSaying({ options: { ...options, more: 1 } })).to.deep.equal({ options });
  });

  for (const value of [{}, { notice: 1 }, { options: { ...options, notify: "yes" } }, { options: { ...options, clipboardBytes: 0.5 } }, { options: { ...options, clipboardBytes: "9" } }, { options: null }, 5]) {
    it(`is refused otherwise: ${JSON.stringify(value)}`, () => {
      expect(() => readSaying(value)).to.throw("no such thing");
    });
  }
});
