import { expect } from "chai";
import { median, ratioOf, table, type Figure } from "../../bench/figure.ts";

const cold: Figure = { name: "cold", unit: "s", samples: [10, 12, 30] };
const warm: Figure = { name: "warm", unit: "s", samples: [3, 1, 2, 2], target: 2, baseline: { of: "cold", atMost: 0.2 } };
const none: Figure = { name: "kvm", unit: "ms", samples: [], missing: "no KVM here", baseline: { of: "cold" } };

describe("The bench's table", () => {
  it("takes the middle of the samples", () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).to.deep.equal([2, 2.5]);
  });

  it("sets a figure beside its baseline of the same run", () => {
    expect(ratioOf(warm, [cold, warm])).to.be.closeTo(2 / 12, 1e-9);
    expect(ratioOf(warm, [warm])).to.equal(undefined);
    expect(ratioOf(none, [cold, none])).to.equal(undefined);
  });

  it("shows spread, target and ratio, and says plainly what was not measured and why", () => {
    const lines = table([cold, warm, none]).split("\n");
    expect(lines[1]).to.match(/^cold +12\.0 s +10\.0 s +30\.0 s +3$/);
    expect(lines[2]).to.match(/^warm +2\.00 s +1\.00 s +3\.00 s +4 +≤ 2 s +0\.17 \(≤ 0\.2\) +cold$/);
    expect(lines[3]).to.match(/^kvm \(no KVM here\) +not measured +not measured +cold$/);
  });

  it("sets an earlier run beside this one", () => {
    const lines = table([cold, warm], [{ ...cold, samples: [6] }]).split("\n");
    expect(lines[1]).to.match(/6\.00 s +× 2\.00$/);
    expect(lines[2]).to.match(/not measured$/);
  });
});
