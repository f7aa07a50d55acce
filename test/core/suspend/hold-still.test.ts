import { PassThrough } from "node:stream";
import { expect } from "chai";
import type { CommandEnd } from "../../../core/machine/guest.ts";
import { openHolding } from "../../../core/suspend/hold-still.ts";

type Answers = Readonly<Record<string, string>>;

/** A guest in which what holds its programs answers as given, and nothing where nothing is given; `said` is all that it was told. */
function guestThat(answers: Answers): { readonly guest: never; readonly said: string[] } {
  const said: string[] = [];
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const answer = (word: string): void => void (answers[word] === undefined || stdout.write(`${answers[word]}\n`));
  stdin.setEncoding("utf8").on("data", (text: string) => {
    said.push(text.trim());
    if (answers[text.trim()] === "gone") stdout.destroy();
    else answer(text.trim());
  });
  answer("");
  const ended = new Promise<CommandEnd>(() => {});
  const channel = { stdin, stdout, stderr: new PassThrough(), ended, resize() {}, signal() {}, close: () => void said.push("closed") };
  const run = async (argv: readonly string[]): Promise<unknown> => ({ stdout: said.push(argv.join(" ")) });
  return { guest: { open: async () => channel, run } as never, said };
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

  it("lets them go on by another command when the first was ended, or does not answer", async () => {
    for (const [answers, why] of [[{ "": "ready", hold: "gone" }, /has ended/], [{ "": "ready" }, /no answer/]] as const) {
      const { guest, said } = guestThat(answers);
      const holding = await openHolding(guest);
      expect(await holding.during(async () => "done")).to.equal("done");
      expect(holding.unheld).to.match(why);
      expect(said.at(-1)).to.equal(THAWED);
    }
  }).timeout(20_000);

  it("does the work without it in a guest that has no such command, or says something else", async () => {
    const missing = { open: async () => await Promise.reject(new Error("no such channel")) } as never;
    for (const guest of [missing, guestThat({ "": "hello" }).guest]) {
      const holding = await openHolding(guest);
      expect(await holding.during(async () => "done")).to.equal("done");
      expect(holding.unheld).to.be.a("string");
      await holding.end();
    }
  });
});
