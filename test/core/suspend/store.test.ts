import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { makeKeyPair } from "../../../core/machine/host-keys.ts";
import type { SavedMachine } from "../../../core/machine/save.ts";
import { discardSuspended, draftOf, listSuspended, readState, readSuspended, type Suspended } from "../../../core/suspend/store.ts";

const MACHINE = { ram: "moved", shape: { shares: [] } } as unknown as SavedMachine;

describe("Suspended sessions", () => {
  let state: string;
  beforeEach(() => (state = join(mkdtempSync("/tmp/cls-"), "cloche")));
  afterEach(() => rmSync(join(state, ".."), { recursive: true, force: true }));

  async function put(name: string): Promise<Suspended> {
    const draft = await draftOf(state, name);
    writeFileSync(draft.state, "memory", { mode: 0o600 });
    const suspended: Suspended = {
      version: 1, name, project: "/p", suspended: new Date().toISOString(), machineKey: "key", machine: MACHINE,
      keys: { hostKey: makeKeyPair(), clientKey: makeKeyPair() }, request: { kind: "shell" }, tty: true, stateBytes: 6,
    };
    await draft.seal(suspended);
    return suspended;
  }

  it("are read as they were written, keys included, by the user alone", async () => {
    const fern = await put("fern");
    expect(await readSuspended(state, "fern")).to.deep.equal(fern);
    expect((await readState(state, "fern")).toString()).to.equal("memory");
    expect((await listSuspended(state)).map(({ name }) => name)).to.deep.equal(["fern"]);
    const folder = join(state, "suspended/fern");
    for (const path of [folder, ...readdirSync(folder).map((file) => join(folder, file))]) expect(statSync(path).mode & 0o077, path).to.equal(0);
  });

  it("are not found while they are being written, and leave nothing when that fails", async () => {
    const draft = await draftOf(state, "fern");
    writeFileSync(draft.state, "half");
    expect(await listSuspended(state)).to.deep.equal([]);
    await draft.discard();
    expect(readdirSync(join(state, "suspended"))).to.deep.equal([]);
  });

  it("are told apart when damaged, unknown or none of ours", async () => {
    await put("fern");
    truncateSync(join(state, "suspended/fern/state"), 3);
    const codeOf = async (name: string) => await readSuspended(state, name).then(() => "", (error: { code: string }) => error.code);
    expect(await codeOf("fern")).to.equal("SUSPENDED_DAMAGED");
    writeFileSync(join(state, "suspended/fern/session.json"), '{"version": 2}');
    expect(await codeOf("fern")).to.equal("SUSPENDED_DAMAGED");
    for (const name of ["moss", "../fern", "x".repeat(300), "a/b", ""]) expect(await codeOf(name), name).to.equal("SUSPENDED_UNKNOWN");
    expect(await listSuspended(state)).to.deep.equal([]);
  });

  it("are discarded once, by their name and nothing else", async () => {
    await put("fern");
    expect(await discardSuspended(state, "../suspended/fern")).to.equal(false);
    expect(await discardSuspended(state, "fern")).to.equal(true);
    expect(existsSync(join(state, "suspended/fern"))).to.equal(false);
    expect(await discardSuspended(state, "fern")).to.equal(false);
  });
});
