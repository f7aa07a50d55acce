import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { CORE } from "../../scripts/mutation/core.ts";
import { CREDENTIALS } from "../../scripts/mutation/credentials.ts";
import { EGRESS } from "../../scripts/mutation/egress.ts";
import { TERMINAL } from "../../scripts/mutation/terminal.ts";
import { ROOT } from "../support/sources.ts";

describe("The protections that `npm run mutation` takes out", () => {
  it("still stand where it looks for them", () => {
    const all = [...CORE, ...CREDENTIALS, ...EGRESS, ...TERMINAL];
    const stale = all.filter(({ file, find }) => !readFileSync(join(ROOT, file), "utf8").includes(find));
    expect(all).to.have.lengthOf.above(150);
    expect(stale.map(({ file, find }) => `${file}: ${find}`)).to.deep.equal([]);
  });
});
