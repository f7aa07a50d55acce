import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { keepClock } from "../../../core/machine/clock-keeper.ts";
import { Disposers } from "../../../core/support/disposers.ts";

describe("The keeper of the guest's clock", () => {
  let wall: number;
  let steady: number;
  let told: number[];
  let scope: Disposers;
  const clocks = { everyMs: 5, now: () => wall, steady: () => steady };

  beforeEach(() => {
    [wall, steady, told, scope] = [1_000_000, 0, [], new Disposers()];
  });
  afterEach(() => scope.close());

  const tell = async (nowMs: number): Promise<void> => void told.push(nowMs);

  it("says nothing while both clocks of the host go alike", async () => {
    await keepClock(tell, scope, clocks);
    [wall, steady] = [1_060_000, 60_100];
    await sleep(40);
    expect(told).to.deep.equal([]);
  });

  it("tells the time once when the host slept, and once when its clock was set back", async () => {
    await keepClock(tell, scope, clocks);
    wall += 3_600_000;
    await sleep(40);
    expect(told).to.deep.equal([4_600_000]);
    wall -= 10_000;
    await sleep(40);
    expect(told).to.deep.equal([4_600_000, 4_590_000]);
  });

  it("tries again when the guest did not take it, and stops with the scope", async () => {
    let tries = 0;
    const busy = async (nowMs: number): Promise<void> => {
      tries += 1;
      if (tries < 3) throw new Error("busy");
      await tell(nowMs);
    };
    await keepClock(busy, scope, clocks);
    wall += 5_000;
    await sleep(60);
    expect([tries, told]).to.deep.equal([3, [1_005_000]]);
    await scope.close();
    wall += 5_000;
    await sleep(40);
    expect(tries).to.equal(3);
  });
});
