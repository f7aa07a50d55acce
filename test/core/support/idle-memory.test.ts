import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { ROOT } from "../../support/sources.ts";

// Fills the young generation and lets go of it; only an explicit collection can follow, since nothing is made any more.
const PROGRAM = (later: string) => `
import { giveBackMemoryLater } from ${JSON.stringify(join(ROOT, "core/support/idle-memory.ts"))};
const gone = new WeakRef({ some: "thing" });
setTimeout(() => {}, 300);
${later}
process.on("exit", () => console.log(gone.deref() === undefined));`;

describe("Idle memory", () => {
  const said = (later: string): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", PROGRAM(later)], { encoding: "utf8" });
    expect(status, stderr).to.equal(0);
    return stdout.trim();
  };

  it("is given back once the start is over, and not when that was given up", () => {
    expect(said("giveBackMemoryLater(10);")).to.equal("true");
    expect(said("giveBackMemoryLater(10)();")).to.equal("false");
  });

  it("keeps no process running", () => {
    const began = performance.now();
    expect(said("giveBackMemoryLater(60_000);")).to.equal("false");
    expect(performance.now() - began).to.be.below(30_000);
  });
});
