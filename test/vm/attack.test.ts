import { expect } from "chai";
import type { Outcome } from "../../core/attack/suite.ts";
import { CASES } from "../../core/attack/suite.ts";
import { WatchedPlace } from "../support/watched-place.ts";

describe("cloche doctor --attack", () => {
  it("proves every promise that it tries, on this host", async function () {
    this.timeout(10 * 60_000);
    using place = WatchedPlace.booting();
    const ended = await place.cloche(["doctor", "--attack", "--json"], { input: "", deadlineMs: 9 * 60_000 }).ended;
    const outcomes = JSON.parse(ended.stdout) as readonly Outcome[];
    expect(outcomes.filter(({ outcome }) => outcome !== "proven").map(({ id, outcome, detail }) => `${id}: ${outcome}, ${detail}`)).to.deep.equal([]);
    expect(outcomes.map(({ id }) => id)).to.include.members(CASES.map(({ id }) => id)).and.include("teardown");
    expect(ended.status, ended.stderr).to.equal(0);
    await place.expectNothingLeft();
  });
});
