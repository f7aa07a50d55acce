import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";

// a module of its own, since the number of steps is bounded and other tests of this process have taken some
const fresh = new URL("../../../core/support/timings.ts?fresh", import.meta.url).href;
const { takenTimings, timed } = (await import(fresh)) as typeof import("../../../core/support/timings.ts");

describe("The timings of a start", () => {
  const of = (step: string) => takenTimings().filter((timing) => timing.step === step);

  it("hold each step with its beginning and its length, in the order of beginning, one inside the other", async () => {
    await timed("an outer step", async () => {
      await sleep(20);
      await timed("an inner step", () => sleep(20));
    });
    const [outer] = of("an outer step");
    const [inner] = of("an inner step");
    if (!outer || !inner) throw new Error("a step is missing");
    expect(outer.tookMs).to.be.at.least(38);
    expect(inner.beganMs - outer.beganMs).to.be.within(18, outer.tookMs);
    const steps = takenTimings();
    expect(steps.indexOf(outer)).to.be.below(steps.indexOf(inner));
  });

  it("hold a step that fails too, and its failure goes on", async () => {
    const reason = new Error("enough");
    const error = await timed("a step that fails", () => Promise.reject(reason)).catch((thrown: unknown) => thrown);
    expect(error).to.equal(reason);
    expect(of("a step that fails")).to.have.length(1);
  });

  it("do not grow for ever", async () => {
    for (let count = 0; count < 1200; count += 1) await timed("one of many", async () => {});
    expect(takenTimings().length).to.be.at.most(1000);
  });
});
