import { expect } from "chai";
import { catalogue, errorsPage } from "../scripts/docs/catalogue.ts";
import { filesBelow, readSource, ROOT } from "./support/sources.ts";

// the hint of the failure that this one wraps
const PASSED_ON = "<hint>";

describe("The catalogue of errors", () => {
  it("has every code once", async () => {
    const codes = (await catalogue(ROOT)).map(({ code }) => code);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).to.deep.equal([]);
    expect(codes.length).to.be.greaterThan(20);
  });

  it("says of every failure what happened and what to do", async () => {
    const mute = (await catalogue(ROOT)).filter(({ message, hint }) => message.trim().length < 10 || (hint.trim().length < 10 && hint !== PASSED_ON));
    expect(mute.map(({ code }) => code)).to.deep.equal([]);
  });

  it("stands in docs/errors.md, and nothing else does (npm run docs:errors)", async () => {
    expect(readSource("docs/errors.md")).to.equal(errorsPage(await catalogue(ROOT)));
  });

  it("holds no code that nobody reports", async () => {
    const sources = filesBelow("core").concat(filesBelow("plugins")).filter((path) => path.endsWith(".ts") && !path.endsWith("failures.ts"));
    const text = sources.map(readSource).join("\n");
    const unused = (await catalogue(ROOT)).filter(({ code }) => !text.includes(`"${code}"`));
    expect(unused.map(({ code }) => code)).to.deep.equal([]);
  });
});
