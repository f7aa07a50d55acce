import { expect } from "chai";
import { makeHooks, type Hooks, type HookOptions } from "../../core/hooks.ts";
import type { Guest } from "../../core/machine/guest.ts";

const deadlineMs = { build: 1000, boot: 1000, provision: 1000, attach: 1000, teardown: 1000 };
const guest = {} as Guest;
const never = new AbortController().signal;

/** Taps that say when they begin and when they end, and take as long as the test wants. */
function provisioning(comesAfter?: Readonly<Record<string, readonly string[]>>) {
  const said: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const options: HookOptions = { signal: never, deadlineMs, onTeardownError() {}, ...(comesAfter && { comesAfter: new Map(Object.entries(comesAfter)) }) };
  const hooks: Hooks = makeHooks(options);
  const tap = (name: string, placed: { stage?: number; before?: string } = {}, label = name) =>
    hooks.provision.tapPromise({ name, ...placed }, async () => {
      said.push(label);
      await new Promise<void>((resolve, reject) => ends.set(label, (error) => (error ? reject(error) : resolve())));
      said.push(`${label} done`);
    });
  /** Lets a tap end, and what waits for it begin; answers what was said since. */
  const end = async (label: string, error?: Error): Promise<readonly string[]> => {
    said.length = 0;
    ends.get(label)?.(error);
    await settled();
    return [...said];
  };
  const settled = () => new Promise((resolve) => { setTimeout(resolve, 5); });
  const begin = async () => {
    const done = hooks.provision.promise(guest).then(() => "done", (error: Error) => error.message);
    await settled();
    return { done, begun: [...said] };
  };
  return { tap, begin, end };
}

describe("Provision", () => {
  it("does at once what does not come after each other, and ends when all have ended", async () => {
    const { tap, begin, end } = provisioning({ a: [], b: [], c: ["a"] });
    for (const name of ["a", "b", "c"]) tap(name);
    const { done, begun } = await begin();
    expect(begun).to.deep.equal(["a", "b"]);
    expect(await end("a")).to.deep.equal(["a done", "c"]);
    expect(await end("c")).to.deep.equal(["c done"]);
    expect(await Promise.race([done, Promise.resolve("not yet")])).to.equal("not yet");
    expect(await end("b")).to.deep.equal(["b done"]);
    expect(await done).to.equal("done");
  });

  it("waits for one that waits itself", async () => {
    const { tap, begin, end } = provisioning({ a: [], b: ["a"], c: ["b"] });
    for (const name of ["a", "b", "c"]) tap(name);
    expect((await begin()).begun).to.deep.equal(["a"]);
    expect(await end("a")).to.deep.equal(["a done", "b"]);
    expect(await end("b")).to.deep.equal(["b done", "c"]);
    await end("c");
  });

  it("does the taps of one plugin in their order", async () => {
    const { tap, begin, end } = provisioning({ a: [] });
    tap("a", {}, "first");
    tap("a", {}, "second");
    expect((await begin()).begun).to.deep.equal(["first"]);
    expect(await end("first")).to.deep.equal(["first done", "second"]);
    await end("second");
  });

  for (const [what, placed] of [["of whom nothing is known", undefined], ["that was put at a stage", { stage: 1 }], ["that was put before another", { before: "c" }]] as const) {
    it(`has all wait for a tap ${what}, and that for all before it`, async () => {
      const { tap, begin, end } = provisioning({ a: [], ...(placed && { x: [] }), c: [] });
      tap("a");
      if (!placed) tap("x");
      tap("c", placed && "stage" in placed ? { stage: 2 } : {});
      if (placed) tap("x", placed);
      const { done, begun } = await begin();
      expect(begun).to.deep.equal(["a"]);
      expect(await end("a")).to.deep.equal(["a done", "x"]);
      expect(await end("x")).to.deep.equal(["x done", "c"]);
      await end("c");
      expect(await done).to.equal("done");
    });
  }

  it("does one after the other when nothing is known of anybody", async () => {
    const { tap, begin, end } = provisioning();
    tap("a");
    tap("b");
    expect((await begin()).begun).to.deep.equal(["a"]);
    expect(await end("a")).to.deep.equal(["a done", "b"]);
    await end("b");
  });

  it("begins nothing more when one fails, and says who failed at once", async () => {
    const { tap, begin, end } = provisioning({ a: [], b: [], c: ["b"], d: ["a"] });
    for (const name of ["a", "b", "c", "d"]) tap(name);
    const { done } = await begin();
    expect(await end("a", new Error("it broke"))).to.deep.equal([]);
    expect(await done).to.equal('The plugin "a" failed in provision: it broke');
    expect(await end("b")).to.deep.equal(["b done"]);
  });
});
