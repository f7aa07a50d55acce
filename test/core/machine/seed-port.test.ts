import { once } from "node:events";
import { duplexPair, type Duplex } from "node:stream";
import { expect } from "chai";
import { SeedPort } from "../../../core/machine/seed-port.ts";
import { ClocheError } from "../../../core/support/errors.ts";

const SEED = { hostname: "h", machineId: "0".repeat(32), hostKey: "k", authorizedKey: "a", dial: "10.0.2.2:22" };

function plant(deadlineMs = 2000, signal = new AbortController().signal): { host: Duplex; guest: Duplex; planted: Promise<unknown> } {
  const [host, guest] = duplexPair();
  const port = new SeedPort(host, () => "last words");
  const wait = { deadlineMs, signal };
  const planted = port.greet(wait).then(() => port.plant(SEED, wait));
  return { host, guest, planted: planted.then(() => "planted", (error: unknown) => error) };
}

async function failure(planted: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await planted;
  if (!(error instanceof ClocheError)) throw new Error(`not a failure: ${String(error)}`);
  return error;
}

describe("planting the seed", () => {
  it("asks, sends nothing more before the guest waits for it, and is done when the guest is ready", async () => {
    const { guest, planted } = plant();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(String(guest.read())).to.equal("ask\n");
    guest.write("waiting 2\n");
    const [chunk] = (await once(guest, "data")) as [Buffer];
    expect(chunk.toString()).to.match(/^CLOCHE-SEED 2 \d+ [0-9a-f]{64}\n/);
    guest.write("re");
    guest.write("ady\n");
    expect(await planted).to.equal("planted");
  });

  it("does not mind a guest that says it twice, unasked and asked", async () => {
    const { guest, planted } = plant();
    guest.write("waiting 2\n");
    await new Promise((resolve) => setTimeout(resolve, 20));
    guest.write("waiting 2\nready\n");
    expect(await planted).to.equal("planted");
  });

  it("gives the guest's refusal, escaped, with the end of its console", async () => {
    const { guest, planted } = plant();
    guest.write("waiting 2\n");
    await new Promise((resolve) => setTimeout(resolve, 20));
    guest.write("error \u001b]0;evil\u0007\n");
    const { code, message } = await failure(planted);
    expect(code).to.equal("GUEST_SEED_REFUSED");
    expect(message).to.contain("\\u{1b}]0;evil\\u{7}").and.to.contain("last words");
  });

  for (const [what, said] of [
    ["another version", "waiting 1\n"],
    ["an answer before the question", "ready\n"],
    ["binary nonsense", "\u0000\u0001\u001b[2J\n"],
    ["a line without end", "x".repeat(5000)],
    ["something else after the seed", "waiting 2\nwhatever\n"],
  ] as const) {
    it(`does not accept ${what}`, async () => {
      const { guest, planted } = plant();
      guest.write(said);
      const { code, message } = await failure(planted);
      expect(code).to.equal("GUEST_SEED_NONSENSE");
      expect(message).to.not.match(/[\u0000-\u0008\u001b]/);
    });
  }

  it("does not wait longer than its deadline for a guest that says nothing, and shows the console", async () => {
    const { message, code } = await failure(plant(30).planted);
    expect(code).to.equal("GUEST_SILENT");
    expect(message).to.contain("did not ask for its seed within 0.03 s").and.to.contain("last words");
  });

  it("says when the guest took the seed and never was ready", async () => {
    const { guest, planted } = plant(50);
    guest.write("waiting 2\n");
    expect((await failure(planted)).message).to.contain("did not apply its seed");
  });

  it("does not wait for a port that was closed or ended", async () => {
    const closed = plant();
    closed.host.destroy();
    expect((await failure(closed.planted)).code).to.equal("GUEST_SEED_NONSENSE");
    const ended = plant();
    ended.guest.end();
    expect((await failure(ended.planted)).code).to.equal("GUEST_SEED_NONSENSE");
  });

  it("ends with the reason of the signal that aborts it", async () => {
    const abort = new AbortController();
    const { planted } = plant(2000, abort.signal);
    const reason = new Error("enough");
    abort.abort(reason);
    expect(await planted).to.equal(reason);
  });
});
