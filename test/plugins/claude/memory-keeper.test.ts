import { expect } from "chai";
import { logger } from "../../../core/support/log.ts";
import { MemoryKeeper } from "../../../plugins/claude/guest/memory-keeper.ts";

const PROJECT = "/home/me/project";

describe("What the agent's memory says of the network", () => {
  let written: string[];
  let finish: (() => void)[];
  const guest = {
    writeFile: async (path: string, content: string | Uint8Array) => {
      expect(path).to.equal("/etc/claude-code/CLAUDE.md");
      expect(String(content)).to.include(PROJECT);
      written.push(/network: (\w+)/.exec(String(content))?.[1] ?? "?");
      await new Promise<void>((resolve) => finish.push(resolve));
    },
  };
  const keeper = () => new MemoryKeeper(guest, { project: PROJECT, network: "network: first" }, logger("claude"));
  const turn = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));
  beforeEach(() => { [written, finish] = [[], []]; });

  it("is not written again when nothing changed", async () => {
    keeper().renew("network: first");
    await turn();
    expect(written).to.deep.equal([]);
  });

  it("is renewed, one write after the other, to what was said last", async () => {
    const one = keeper();
    for (const network of ["network: second", "network: third", "network: fourth"]) one.renew(network);
    await turn();
    expect(written).to.deep.equal(["second"]);
    finish.shift()?.();
    await turn();
    expect(written).to.deep.equal(["second", "fourth"]);
    finish.shift()?.();
    await turn();
    one.renew("network: fourth");
    one.renew("network: first");
    await turn();
    expect(written).to.deep.equal(["second", "fourth", "first"]);
  });

  it("stays as it is when the guest is gone, and is tried anew at the next change", async () => {
    let tried = 0;
    const going = new MemoryKeeper({ writeFile: async () => { tried += 1; throw new Error("gone"); } }, { project: PROJECT, network: "a" }, logger("claude"));
    going.renew("b");
    await turn();
    going.renew("b");
    await turn();
    expect(tried).to.equal(2);
  });
});
