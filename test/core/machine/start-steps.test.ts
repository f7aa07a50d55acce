import { expect } from "chai";
import { MachineCollector } from "../../../core/machine/collector.ts";
import { beginSteps } from "../../../core/machine/start-steps.ts";
import { Disposers } from "../../../core/support/disposers.ts";

const NETWORK = { enter: [] };

describe("What plugins want done beside the start of a machine", () => {
  it("is begun at once, all together, and done before the first step at the network", async () => {
    await using scope = new Disposers();
    const told: string[] = [];
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const draft = new MachineCollector();
    draft.onNetwork(async () => void told.push("network"));
    draft.onStart(async (given) => { told.push(`first begins, ${given === scope}`); await first.promise; told.push("first is done"); });
    draft.onStart(async () => { told.push("second begins"); await second.promise; told.push("second is done"); });
    const steps = beginSteps(draft.finish(), scope);
    expect(told).to.deep.equal(["first begins, true", "second begins"]);
    const atNetwork = (async () => { for (const step of steps) await step(NETWORK, scope); })();
    second.resolve();
    await new Promise(setImmediate);
    first.resolve();
    await atNetwork;
    expect(told.slice(2)).to.deep.equal(["second is done", "first is done", "network"]);
  });

  it("fails the start where the network is made, and nowhere else", async () => {
    await using scope = new Disposers();
    let isReached = false;
    const draft = new MachineCollector();
    draft.onStart(async () => { throw new Error("dropped it"); });
    draft.onNetwork(async () => void (isReached = true));
    const unheard: unknown[] = [];
    const hear = (error: unknown): void => void unheard.push(error);
    process.on("unhandledRejection", hear);
    const steps = beginSteps(draft.finish(), scope);
    await new Promise(setImmediate);
    process.off("unhandledRejection", hear);
    expect(unheard).to.deep.equal([]);
    const failed = await steps[0]?.(NETWORK, scope).then(() => "nothing", (error: Error) => error.message);
    expect(failed).to.equal("dropped it");
    expect(isReached).to.equal(false);
  });

  it("adds nothing to what there is to be done at the network when there is none", () => {
    const draft = new MachineCollector();
    draft.onNetwork(async () => {});
    const plan = draft.finish();
    expect(beginSteps(plan, new Disposers())).to.equal(plan.networkSteps);
  });
});
