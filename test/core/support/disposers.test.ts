import { expect } from "chai";
import { Disposers } from "../../../core/support/disposers.ts";

describe("Disposers", () => {
  it("undoes newest first", async () => {
    const told: string[] = [];
    const scope = new Disposers();
    await scope.defer("first", () => told.push("first"));
    await scope.defer("second", () => told.push("second"));
    await scope.close();
    expect(told).to.deep.equal(["second", "first"]);
  });

  it("runs every step though some fail, and reports them all", async () => {
    const told: string[] = [];
    const scope = new Disposers();
    await scope.defer("a", () => told.push("a"));
    await scope.defer("b", () => { throw new Error("b broke"); });
    await scope.defer("c", async () => { throw new Error("c broke"); });
    const error = await scope.close().then(() => undefined, (reason: unknown) => reason);
    expect(told).to.deep.equal(["a"]);
    expect(error).to.be.instanceOf(AggregateError);
    expect((error as AggregateError).errors.map((e: Error) => e.message)).to.deep.equal(["c broke", "b broke"]);
  });

  it("gives up a step that hangs, names it, and goes on", async () => {
    const told: string[] = [];
    const scope = new Disposers();
    await scope.defer("before", () => told.push("before"));
    await scope.defer("stuck", () => new Promise(() => {}), 20);
    const error = await scope.close().then(() => undefined, (reason: unknown) => reason);
    expect((error as AggregateError).errors[0].message).to.equal('undoing "stuck" took longer than 20 ms');
    expect(told).to.deep.equal(["before"]);
  });

  it("undoes at once what arrives after closing began", async () => {
    const told: string[] = [];
    const scope = new Disposers();
    await scope.close();
    await scope.defer("late", () => told.push("late"));
    expect(told).to.deep.equal(["late"]);
  });

  it("closes once, however often it is asked", async () => {
    let times = 0;
    const scope = new Disposers();
    await scope.defer("once", () => { times += 1; });
    await Promise.all([scope.close(), scope.close()]);
    await scope.close();
    expect(times).to.equal(1);
  });
});
