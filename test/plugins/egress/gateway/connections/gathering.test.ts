import { expect } from "chai";
import { Gathering } from "../../../../../plugins/egress/gateway/connections/gathering.ts";

const SEGMENT = 1_460;

/** A clock that a test moves, and the rests that were asked for. */
function pace() {
  return { at: 0, rests: 0, restComes: false, now() { return this.at; }, rest() { this.rests += 1; } };
}

/** Reads of one size, one after the other. */
function read(times: number, bytes: number, everyMs: number) {
  const clock = pace();
  const gathering = new Gathering(clock);
  for (let time = 0; time < times; time += 1) {
    clock.at += everyMs;
    gathering.took(bytes);
  }
  return { clock, gathering };
}

describe("Gathering what a guest uploads", () => {
  it("has the gateway rest when segments come one by one without a pause", () => {
    expect(read(200, SEGMENT, 0.03).clock.rests).to.be.above(0);
  });

  it("does not while an upload is short", () => expect(read(20, SEGMENT, 0.03).clock.rests).to.equal(0));

  it("does not for what is typed, or asked and answered", () => {
    expect(read(1_000, 100, 0.5).clock.rests).to.equal(0);
    expect(read(1_000, SEGMENT, 5).clock.rests).to.equal(0);
  });

  it("does not where much is there at every read", () => expect(read(1_000, 65_536, 0.1).clock.rests).to.equal(0));

  it("goes on resting while rests gather something, however much", () => {
    const { clock, gathering } = read(32, SEGMENT, 0.03);
    const before = clock.rests;
    for (const bytes of [9_000, 40_000, 65_536, 20_000]) gathering.took(bytes);
    expect(clock.rests - before).to.equal(4);
  });

  it("stops when a rest gathers little, and begins anew only after as many reads as at first", () => {
    const { clock, gathering } = read(32, SEGMENT, 0.03);
    const before = clock.rests;
    for (let time = 0; time < 32; time += 1) gathering.took(SEGMENT);
    expect(clock.rests).to.equal(before);
    gathering.took(SEGMENT);
    expect(clock.rests).to.equal(before + 1);
  });

  it("does not judge by what is read between the asking for a rest and the rest", () => {
    const { clock, gathering } = read(32, SEGMENT, 0.03);
    const before = clock.rests;
    clock.restComes = true;
    gathering.took(10);
    clock.restComes = false;
    gathering.took(40_000);
    expect(clock.rests).to.equal(before + 1);
  });

  it("rests for about a millisecond, once, after all that is at hand is done", async () => {
    const gatherings = [new Gathering(), new Gathering()];
    let atHandDone = 0;
    const began = performance.now();
    for (const gathering of gatherings) for (let time = 0; time < 100; time += 1) gathering.took(SEGMENT);
    process.nextTick(() => { atHandDone = performance.now(); });
    await new Promise((resolve) => setImmediate(resolve));
    expect(atHandDone).to.be.above(began);
    expect(performance.now() - atHandDone).to.be.above(0.9);
  });
});
