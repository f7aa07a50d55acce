import { EventEmitter } from "node:events";
import { Writable } from "node:stream";
import { expect } from "chai";
import { Ending } from "../../../core/cli/ending.ts";

/** Just enough of a process to send signals to. */
function fakeProcess() {
  return Object.assign(new EventEmitter(), { stdout: new EventEmitter(), stderr: new EventEmitter() });
}

const stalled = () => new Writable({ write: () => {} });

describe("The end of the process", () => {
  it("does not wait for a reader that stalls when somebody asked for the end", async () => {
    const ending = new Ending();
    const source = fakeProcess();
    ending.listen(source as unknown as NodeJS.Process, () => {});
    source.emit("SIGTERM");
    const output = stalled();
    output.write("not taken");
    const begun = performance.now();
    await ending.flushed([output]);
    expect(performance.now() - begun).to.be.within(1900, 5000);
  });

  it("waits for a slow reader otherwise", async () => {
    let taken = false;
    const slow = new Writable({ write: (_chunk, _encoding, done) => void setTimeout(() => { taken = true; done(); }, 50) });
    slow.write("taken in the end");
    await new Ending().flushed([slow]);
    expect(taken).to.equal(true);
  });
});
