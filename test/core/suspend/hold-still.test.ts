import { once } from "node:events";
import { PassThrough } from "node:stream";
import { mock } from "node:test";
import { setImmediate as aMoment } from "node:timers/promises";
import { expect } from "chai";
import type { CommandEnd } from "../../../core/machine/guest.ts";
import { openHolding } from "../../../core/suspend/hold-still.ts";

type Answers = Readonly<Record<string, string>>;

interface FakeGuest {
  readonly guest: never;
  /** All that it was told. */
  readonly said: string[];
  readonly stdin: PassThrough;
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
}

/** A guest in which what holds its programs answers as given, and nothing where nothing is given; at "gone" it ends. */
function guestThat(answers: Answers): FakeGuest {
  const said: string[] = [];
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const answer = (word: string): void => void (answers[word] === undefined || stdout.write(`${answers[word]}\n`));
  stdin.setEncoding("utf8").on("data", (text: string) => {
    said.push(text.trim());
    if (answers[text.trim()] === "gone") stdout.destroy();
    else answer(text.trim());
  });
  answer("");
  const ended = new Promise<CommandEnd>(() => {});
  const channel = { stdin, stdout, stderr, ended, resize() {}, signal() {}, close: () => void said.push("closed") };
  const run = async (argv: readonly string[]): Promise<unknown> => ({ stdout: said.push(argv.join(" ")) });
  return { guest: { open: async () => channel, run } as never, said, stdin, stdout, stderr };
}

const WILLING = { "": "ready", hold: "still", "go on": "goes on" };
const THAWED = "/usr/lib/cloche/hold thaw";

describe("Holding the programs of a guest still while it is copied", () => {
  it("holds them during the work alone, also when that fails", async () => {
    for (const work of [async () => "done", async () => await Promise.reject(new Error("no"))]) {
      const { guest, said } = guestThat(WILLING);
      const holding = await openHolding(guest);
      await holding.during(async () => {
        expect(said).to.deep.equal(["hold"]);
        return await work();
      }).catch((error: Error) => expect(error.message).to.equal("no"));
      expect(said).to.deep.equal(["hold", "go on"]);
      await holding.end();
      expect(said).to.deep.equal(["hold", "go on", "closed"]);
      expect(holding.unheld).to.equal(undefined);
    }
  });

  it("does the work even so when some do not stand still, says which, and lets the others go on", async () => {
    const { guest, said } = guestThat({ ...WILLING, hold: "busy \u001b[2Jmake" });
    const holding = await openHolding(guest);
    expect(await holding.during(async () => "done")).to.equal("done");
    expect(holding.unheld).to.match(/^busy .*make$/).and.not.include("\u001b");
    expect(said).to.deep.equal(["hold", "go on"]);
  });

  it("lets them go on when it is ended while the work is not done, which may never be", async () => {
    const { guest, said } = guestThat(WILLING);
    const holding = await openHolding(guest);
    const isHeld = Promise.withResolvers<void>();
    void holding.during(async () => {
      isHeld.resolve();
      await new Promise(() => {});
    });
    await isHeld.promise;
    await holding.end();
    expect(said).to.deep.equal(["hold", "go on", "closed"]);
  });

  it("lets them go on by another command when the first was ended, without waiting for its answer", async () => {
    const { guest, said } = guestThat({ "": "ready", hold: "gone" });
    const holding = await openHolding(guest);
    expect(await holding.during(async () => "done")).to.equal("done");
    expect(holding.unheld).to.match(/has ended/);
    expect(said.at(-1)).to.equal(THAWED);
  }).timeout(4_000); // an answer is waited for for 5 s

  it("does the work also when the first was ended before it was needed, and its input broke", async () => {
    const { guest, said, stdin, stdout } = guestThat(WILLING);
    const holding = await openHolding(guest);
    const unheard: unknown[] = [];
    const listener = (reason: unknown): void => void unheard.push(reason);
    process.on("unhandledRejection", listener);
    stdin.destroy(new Error("broken pipe"));
    stdout.destroy();
    await aMoment();
    process.off("unhandledRejection", listener);
    expect(unheard).to.deep.equal([]);
    expect(await holding.during(async () => "done")).to.equal("done");
    expect(holding.unheld).to.match(/has ended/);
    expect(said).to.deep.equal([THAWED]);
  });

  it("lets them go on by another command when the first does not answer, and does not insist on that", async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      for (const thaw of [undefined, async () => await Promise.reject(new Error("it is gone"))]) {
        const { guest, said } = guestThat({ "": "ready" });
        if (thaw) (guest as { run: unknown }).run = thaw;
        const holding = await openHolding(guest);
        const work = holding.during(async () => "done");
        for (const deadlineMs of [1_500, 5_000]) {
          await aMoment();
          mock.timers.tick(deadlineMs);
        }
        expect(await work).to.equal("done");
        expect(holding.unheld).to.equal("no answer for 1.5 s");
        expect(said).to.deep.equal(["hold", "go on", ...(thaw ? [] : [THAWED])]);
      }
    } finally {
      mock.timers.reset();
    }
  });

  it("does the work without it in a guest that has no such command, or says something else, too much or nothing, and asks nothing of that", async () => {
    const missing = { open: async () => await Promise.reject(new Error("no such channel")) } as never;
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      for (const [{ guest, said }, why] of [
        [{ guest: missing, said: [] }, "no such channel"],
        [guestThat({ "": "hello" }), '"hello" instead of ready'],
        [guestThat({ "": "x".repeat(501) }), "it said too much"],
        [guestThat({}), "no answer for 10 s"],
      ] as const) {
        const opened = openHolding(guest);
        await aMoment();
        mock.timers.tick(10_000);
        const holding = await opened;
        expect(await holding.during(async () => "done")).to.equal("done");
        expect(holding.unheld).to.equal(why);
        await holding.end();
        expect(said.filter((word) => word !== "closed")).to.deep.equal([]);
      }
    } finally {
      mock.timers.reset();
    }
  });

  it("is not held up by what it says besides", async () => {
    const { guest, stderr } = guestThat(WILLING);
    await openHolding(guest);
    if (!stderr.write(Buffer.alloc(1_000_000))) await once(stderr, "drain");
  });
});
