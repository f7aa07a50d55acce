import { PassThrough, Readable } from "node:stream";
import { expect } from "chai";
import { finish } from "../../../core/machine/guest-run.ts";
import type { CommandEnd, GuestChannel } from "../../../core/machine/guest.ts";
import { ClocheError } from "../../../core/support/errors.ts";

/** A command that ends like this; it notes what is done to it. */
function channelThat(ended: Promise<CommandEnd>, done: string[]): GuestChannel {
  const output = (): Readable => {
    const stream = new PassThrough();
    void ended.then(() => stream.end());
    return stream;
  };
  return { stdin: new PassThrough(), stdout: output(), stderr: output(), ended, resize() {}, signal: (name) => void done.push(name), close: () => void done.push("close") };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(() => "done", (error: unknown) => (error instanceof ClocheError ? error.code : String(error)));
}

describe("A command of ours in the guest", () => {
  it("that failed is not killed, since it is over", async () => {
    const done: string[] = [];
    const channel = channelThat(Promise.resolve({ kind: "exit", status: 1 }), done);
    expect(await codeOf(finish(Promise.resolve(channel), ["false"], "", 5_000))).to.equal("GUEST_COMMAND_FAILED");
    await new Promise(setImmediate);
    expect(done).to.deep.equal([]);
  });

  it("that does not end in time is killed, or given up as was said", async () => {
    const done: string[] = [];
    const never = () => channelThat(new Promise(() => {}), done);
    expect(await codeOf(finish(Promise.resolve(never()), ["sleep"], "", 20))).to.equal("GUEST_COMMAND_LATE");
    expect(await codeOf(finish(Promise.resolve(never()), ["sleep"], "", 20, () => void done.push("given up")))).to.equal("GUEST_COMMAND_LATE");
    await new Promise(setImmediate);
    expect(done).to.deep.equal(["KILL", "close", "given up"]);
  });
});
