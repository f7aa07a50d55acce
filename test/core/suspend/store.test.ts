import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect } from "chai";
import { makeKeyPair } from "../../../core/machine/host-keys.ts";
import { FILES } from "../../../core/machine/template/manifest.ts";
import { sealFrozen } from "../../../core/machine/template/seal.ts";
import type { Shape } from "../../../core/machine/template/shape.ts";
import { packSparse } from "../../../core/machine/template/sparse.ts";
import { stagingName } from "../../../core/sessions/staging.ts";
import type { SavedKind } from "../../../core/suspend/failures.ts";
import { discardSaved, draftOf, frozenOf, isSaved, listSaved, readSaved, VERSION, type Saved, type SavedDraft } from "../../../core/suspend/store.ts";

const SHAPE = { shares: [] } as unknown as Shape;
const never = new AbortController().signal;

describe("Sessions on the disk", () => {
  let state: string;
  beforeEach(() => (state = join(mkdtempSync("/tmp/cls-"), "cloche")));
  afterEach(() => rmSync(join(state, ".."), { recursive: true, force: true }));

  async function put(name: string, kind: SavedKind = "suspended", draft?: SavedDraft): Promise<Saved> {
    const { machine, seal } = draft ?? (await draftOf(state, kind));
    writeFileSync(join(state, "memory"), "memory");
    const content = await packSparse(join(state, "memory"), join(machine, FILES.ram), never);
    await sealFrozen(machine, { key: "key", image: "i", qemu: [7, 2], state: Buffer.from("devices"), content });
    const saved: Saved = {
      version: VERSION, name, session: "fern", project: "/p", saved: new Date().toISOString(), machine: { shape: SHAPE, key: "key", bytes: 13 },
      keys: { hostKey: makeKeyPair(), clientKey: makeKeyPair() }, request: { kind: "shell" }, tty: true, overrides: [{ key: "share.mode", text: "overlay", argument: "--set" }],
    };
    await seal(saved);
    return saved;
  }
  const codeOf = async (work: Promise<unknown>): Promise<string> => await work.then(() => "", (error: { code: string }) => error.code);

  it("are read as they were written, keys included, by the user alone", async () => {
    const fern = await put("fern");
    expect(await readSaved(state, "suspended", "fern")).to.deep.equal(fern);
    expect((await frozenOf(state, "suspended", fern, never)).state.toString()).to.equal("devices");
    expect((await listSaved(state, "suspended")).map(({ name }) => name)).to.deep.equal(["fern"]);
    expect(await listSaved(state, "snapshots")).to.deep.equal([]);
    const folder = join(state, "suspended/fern");
    for (const path of ["", "session.json", "machine", `machine/${FILES.ram}`, `machine/${FILES.state}`]) expect(statSync(join(folder, path)).mode & 0o077, path).to.equal(0);
  });

  it("are not found while they are being written, and leave nothing when that fails", async () => {
    const draft = await draftOf(state, "snapshots");
    writeFileSync(join(draft.machine, FILES.ram), "half");
    expect(await listSaved(state, "snapshots")).to.deep.equal([]);
    await draft.discard();
    expect(readdirSync(join(state, "snapshots"))).to.deep.equal([]);
  });

  it("are swept when who wrote them was killed in the middle, and left alone while somebody writes", async () => {
    const living = await draftOf(state, "snapshots");
    const killed = stagingName({ pid: 4_000_000, startTicks: 1, bootId: "00000000-0000-0000-0000-000000000000", namespace: "pid:[1]" });
    mkdirSync(join(state, "snapshots", killed));
    const next = await draftOf(state, "snapshots");
    expect(readdirSync(join(state, "snapshots"))).to.have.members([living, next].map(({ machine }) => basename(join(machine, ".."))));
  });

  it("of a name that is taken meanwhile are refused, and the other stays", async () => {
    const draft = await draftOf(state, "snapshots");
    const first = await put("good", "snapshots");
    expect(await codeOf(put("good", "snapshots", draft))).to.equal("SAVED_TAKEN");
    expect(await readSaved(state, "snapshots", "good")).to.deep.equal(first);
  });

  it("are told apart when damaged, of another version, unknown or none of ours", async () => {
    const fern = await put("fern");
    const read = (name: string) => codeOf(readSaved(state, "suspended", name));
    const machine = () => codeOf(frozenOf(state, "suspended", fern, never));
    expect(await machine()).to.equal("");
    expect(await codeOf(frozenOf(state, "suspended", { ...fern, machine: { ...fern.machine, key: "of another QEMU" } }, never))).to.equal("SAVED_DAMAGED");
    writeFileSync(join(state, "suspended/fern/machine", FILES.ram), "other!");
    expect(await machine()).to.equal("SAVED_DAMAGED");
    rmSync(join(state, "suspended/fern/machine"), { recursive: true });
    expect(await machine()).to.equal("SAVED_DAMAGED");
    for (const version of [VERSION - 1, VERSION + 1]) {
      writeFileSync(join(state, "suspended/fern/session.json"), JSON.stringify({ version }));
      expect(await read("fern")).to.equal("SAVED_OTHER");
    }
    for (const text of ["", "{}", JSON.stringify({ version: VERSION }), JSON.stringify({ ...fern, keys: {} })]) {
      writeFileSync(join(state, "suspended/fern/session.json"), text);
      expect(await read("fern"), text).to.equal("SAVED_DAMAGED");
    }
    for (const name of ["moss", "../fern", "x".repeat(300), "a/b", ""]) expect(await read(name), name).to.equal("SAVED_UNKNOWN");
    expect(await listSaved(state, "suspended")).to.deep.equal([]);
  });

  it("are discarded once, damaged or not, by their name and nothing else", async () => {
    await put("fern");
    writeFileSync(join(state, "suspended/fern/session.json"), "{");
    expect(await discardSaved(state, "suspended", "../suspended/fern")).to.equal(false);
    expect(isSaved(state, "suspended", "fern")).to.equal(true);
    expect(await discardSaved(state, "suspended", "fern")).to.equal(true);
    expect(existsSync(join(state, "suspended/fern"))).to.equal(false);
    expect(await discardSaved(state, "suspended", "fern")).to.equal(false);
  });
});
