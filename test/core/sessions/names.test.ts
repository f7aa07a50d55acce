import { expect } from "chai";
import fc from "fast-check";
import { checkedName, inventedName, isName } from "../../../core/sessions/names.ts";

describe("The name of a session", () => {
  it("is invented as two friendly words, and with a number when those were taken", () => {
    for (let attempt = 1; attempt <= 200; attempt++) {
      expect(inventedName(1)).to.match(/^[a-z]+-[a-z]+$/);
      expect(inventedName(attempt + 1)).to.match(/^[a-z]+-[a-z]+-\d+$/);
      expect(isName(inventedName(attempt))).to.equal(true);
    }
  });

  for (const bad of ["", "-a", "A", "a b", "a/b", "..", ".", "a".repeat(41), "é", "a\n", "a\0", "x".repeat(300)]) {
    it(`may not be ${JSON.stringify(bad.slice(0, 50))}`, () => {
      expect(() => checkedName(bad)).to.throw().with.property("code", "SESSION_NAME_INVALID");
    });
  }

  it("is never anything that would leave the directory of sessions or hide in it", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      if (isName(text)) expect(text).to.match(/^[a-z0-9-]+$/).and.not.match(/^[-.]/);
    }));
    expect(checkedName("a".repeat(40))).to.have.length(40);
  });
});
