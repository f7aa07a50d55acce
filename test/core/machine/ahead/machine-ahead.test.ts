import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { expect } from "chai";
import { keepStart, lastStart, type MachineFacts } from "../../../../core/machine/ahead/last-start.ts";
import { MachineAhead } from "../../../../core/machine/ahead/machine-ahead.ts";
import { architecture } from "../../../../core/machine/architecture.ts";
import { findTemplate } from "../../../../core/machine/template/find.ts";
import { templateKey } from "../../../../core/machine/template/shape.ts";
import { Disposers } from "../../../../core/support/disposers.ts";
import { SHAPE, TestStore, UNBOUND } from "../template/support.ts";
import { FakeContainment } from "./fake-containment.ts";

const KEY = "costarring";
const COLLIDING = "liquid"; // it has the same checksum
// the guest only waits for its seed, and would be "told" it
const UP_TO_THE_SEED = ["cell 198.18.0.0/15", "QEMU starts", "proven", "the guest runs"];

describe("A machine that is begun ahead", () => {
  let test: TestStore;
  let folder: string;
  let containment: FakeContainment;
  let scope: Disposers;
  let ahead: MachineAhead;
  let facts: MachineFacts;

  beforeEach(async () => {
    test = await TestStore.open();
    folder = mkdtempSync(join(tmpdir(), "cloche-ahead-"));
    containment = new FakeContainment();
    scope = new Disposers();
    const project = join(folder, "project");
    const program = join(folder, architecture().program);
    mkdirSync(project);
    mkdirSync(dirname(program), { recursive: true });
    writeFileSync(program, "");
    const shape = { ...SHAPE, systemRoot: folder };
    facts = { shape, localRanges: ["198.18.0.0/15"], binds: [{ source: project, target: "/shares/project", readOnly: false }] };
    ahead = aheadWith(UNBOUND);
  });
  afterEach(async () => {
    await scope.close();
    await ahead.close();
    test[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const aheadWith = (signal: AbortSignal, key = KEY) => new MachineAhead({ cacheDir: test.cacheDir, key, signal, containment });
  const remember = async (): Promise<void> => {
    await test.add(templateKey(facts.shape), [10, 0]);
    await keepStart(test.cacheDir, KEY, facts);
  };
  /** Begins it, and waits until all has happened that would without anybody's word. */
  const begin = async (): Promise<void> => {
    await ahead.begin();
    for (let tries = 0; tries < 1000 && containment.events.length < UP_TO_THE_SEED.length; tries += 1) await turn();
    for (let more = 0; more < 50; more += 1) await turn();
  };

  it("is none when nothing was started before", async () => {
    await test.add(templateKey(facts.shape), [10, 0]);
    await begin();
    expect(await ahead.take(facts, scope)).to.equal(undefined);
    expect(containment.events).to.deep.equal([]);
  });

  it("runs its guest at once, which waits for its seed: nobody gives it one before it is wanted", async () => {
    await remember();
    await begin();
    expect(containment.events).to.deep.equal(UP_TO_THE_SEED);
    const taken = await ahead.take(facts, scope);
    await turn();
    expect(containment.events).to.deep.equal(UP_TO_THE_SEED);
    let started = 0;
    const restored = await taken?.goOn(scope, () => (started += 1));
    expect(restored?.template.key).to.equal(templateKey(facts.shape));
    expect(containment.events).to.deep.equal(UP_TO_THE_SEED);
    expect(containment.launched).to.have.length(1);
    expect(started).to.equal(1);
    await restored?.qemu.seedPort.setClock(0, { deadlineMs: 100, signal: UNBOUND }).catch(() => {});
    expect(containment.events.at(-1), "what a guest is told shows").to.match(/^the guest is told clock /);
  });

  it("ends with the session's scope, the machine before its cell and before what came between", async () => {
    await remember();
    await begin();
    const taken = await ahead.take(facts, scope);
    await scope.defer("a door", () => void containment.events.push("door closed"));
    await taken?.goOn(scope);
    containment.events.length = 0;
    await scope.close();
    expect(containment.events).to.deep.equal(["QEMU ended", "door closed", "cell ended"]);
  });

  for (const [what, other] of [
    ["another shape", (wanted: MachineFacts) => ({ ...wanted, shape: { ...wanted.shape, memoryMiB: 4096 } })],
    ["no machine of this kind", () => undefined],
    ["another network", (wanted: MachineFacts) => ({ ...wanted, localRanges: [] })],
    ["another directory", (wanted: MachineFacts) => ({ ...wanted, binds: [{ source: tmpdir(), target: "/shares/project", readOnly: false }] })],
    ["the same directory, read-only", (wanted: MachineFacts) => ({ ...wanted, binds: wanted.binds.map((bind) => ({ ...bind, readOnly: true })) })],
  ] as const) {
    it(`is ended without a seed when ${what} is wanted`, async () => {
      await remember();
      await begin();
      expect(await ahead.take(other(facts), scope)).to.equal(undefined);
      await ahead.close();
      expect(containment.events).to.deep.equal([...UP_TO_THE_SEED, "QEMU ended", "cell ended"]);
    });
  }

  it("is ended when the project's directory is another one by now, under the same name", async () => {
    await remember();
    await begin();
    const [{ source } = { source: "" }] = facts.binds;
    renameSync(source, `${source}.old`);
    mkdirSync(source);
    expect(await ahead.take(facts, scope)).to.equal(undefined);
    await ahead.close();
    expect(containment.events).to.deep.equal([...UP_TO_THE_SEED, "QEMU ended", "cell ended"]);
  });

  it("is ended without a seed when it is like the last start of another key with the same checksum", async () => {
    await remember();
    ahead = aheadWith(UNBOUND, COLLIDING);
    await begin();
    expect(await ahead.take({ ...facts, localRanges: ["10.0.0.0/8"] }, scope)).to.equal(undefined);
    await ahead.close();
    expect(containment.events).to.deep.equal([...UP_TO_THE_SEED, "QEMU ended", "cell ended"]);
  });

  it("is ended, like any that is not wanted, when the project's directory is gone by now", async () => {
    await remember();
    await begin();
    rmSync(facts.binds[0]?.source ?? "", { recursive: true });
    expect(await ahead.take(facts, scope)).to.equal(undefined);
    await ahead.close();
    expect(containment.events).to.deep.equal([...UP_TO_THE_SEED, "QEMU ended", "cell ended"]);
  });

  it("says once what could not be ended: to the scope that it was given to, or when nobody took it", async () => {
    await remember();
    containment.endFailure = new Error("the cell stays");
    await begin();
    const closing = async () => await ahead[Symbol.asyncDispose]().then(() => "well", (error: AggregateError) => String(error.errors[0]));
    expect(await closing()).to.equal("Error: the cell stays");
    ahead = aheadWith(UNBOUND);
    await begin();
    await (await ahead.take(facts, scope))?.goOn(scope);
    expect(await scope.close().catch((error: AggregateError) => String((error.errors[0] as AggregateError).errors[0]))).to.equal("Error: the cell stays");
    expect(await closing()).to.equal("well");
    ahead = aheadWith(UNBOUND);
    scope = new Disposers();
  });

  it("is ended when nobody takes it", async () => {
    await remember();
    await begin();
    await ahead.close();
    expect(containment.events).to.deep.equal([...UP_TO_THE_SEED, "QEMU ended", "cell ended"]);
  });

  it("is none when its template is damaged, which is left for the start itself to find and to say", async () => {
    await remember();
    truncateSync(join(test.store.ready, templateKey(facts.shape), "ram"), 1);
    await begin();
    expect(await ahead.take(facts, scope)).to.equal(undefined);
    expect(containment.events).to.deep.equal(["cell 198.18.0.0/15", "cell ended"]);
    expect((await findTemplate(test.store, templateKey(facts.shape), { signal: UNBOUND })).state).to.equal("damaged");
  });

  it("is none when QEMU fails, and the cell is of use all the same", async () => {
    await remember();
    containment.failure = new Error("no jail today");
    await begin();
    const taken = await ahead.take(facts, scope);
    expect(taken?.cell.network.enter).to.deep.equal(["enter"]);
    expect(await taken?.goOn(scope)).to.equal(undefined);
    expect(containment.events).to.deep.equal(["cell 198.18.0.0/15"]);
  });

  it("ends when the user wants the end, whether it has been taken or not", async () => {
    await remember();
    const stop = new AbortController();
    ahead = aheadWith(stop.signal);
    await begin();
    const taken = await ahead.take(facts, scope);
    stop.abort(new Error("enough"));
    expect(await taken?.goOn(scope).catch((error: unknown) => String(error))).to.equal("Error: enough");
    await scope.close();
    expect(containment.events).to.deep.equal([...UP_TO_THE_SEED, "QEMU ended", "cell ended"]);
    await ahead.close();
    ahead = aheadWith(stop.signal);
    expect(await ahead.begin().catch((error: unknown) => String(error))).to.equal("Error: enough");
  });

  it("gives an older QEMU a copy, which goes with it", async () => {
    await test.add(templateKey(facts.shape), [7, 2]);
    await keepStart(test.cacheDir, KEY, facts);
    await begin();
    const taken = await ahead.take(facts, scope);
    expect((await taken?.goOn(scope))?.template.manifest.qemu).to.deep.equal([7, 2]);
    const [copy] = containment.launched[0]?.binds.filter(({ source }) => source.startsWith(test.store.copies)) ?? [];
    expect(copy?.readOnly).to.equal(false);
  });

  it("is kept for the next start, of which a part is no start", async () => {
    ahead.keep(facts);
    for (let tries = 0; tries < 1000 && lastStart(test.cacheDir, KEY) === undefined; tries += 1) await turn();
    expect(lastStart(test.cacheDir, KEY)).to.deep.equal(facts);
    expect(lastStart(test.cacheDir, "another")).to.equal(undefined);
    const file = join(test.cacheDir, "starts", readdirSync(join(test.cacheDir, "starts")).join());
    truncateSync(file, 40);
    expect(lastStart(test.cacheDir, KEY)).to.equal(undefined);
    for (const foreign of ["null", "[]", '{"shape":1}', "\0"]) {
      writeFileSync(file, foreign);
      expect(lastStart(test.cacheDir, KEY), foreign).to.equal(undefined);
      await begin();
      expect(containment.events).to.deep.equal([]);
    }
  });
});
