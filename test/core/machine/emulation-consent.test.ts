import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { consentToEmulation } from "../../../core/machine/emulation-consent.ts";

describe("Consent to software emulation", () => {
  let stateDir: string;
  beforeEach(async () => { stateDir = await mkdtemp(join(tmpdir(), "cloche-consent-")); });
  afterEach(async () => { await rm(stateDir, { recursive: true }); });

  async function consent(reason: string, answer: boolean | undefined) {
    const said: string[] = [];
    const asked: string[] = [];
    const ask = answer === undefined ? undefined : async (question: string) => { asked.push(question); return answer; };
    const progress = { step() {}, update() {}, say: (line: string) => { said.push(line); } };
    const error = await consentToEmulation({ reason, stateDir, progress, ask }).then(() => undefined, (e: Error) => e);
    return { said, asked, error };
  }

  it("is asked once for a reason at a terminal, then said aloud", async () => {
    expect((await consent("no /dev/kvm", true)).asked).to.have.length(1);
    const again = await consent("no /dev/kvm", true);
    expect(again.asked).to.deep.equal([]);
    expect(again.said[0]).to.contain("no /dev/kvm").and.to.contain("not call it a security boundary");
    expect((await consent("another reason", true)).asked).to.have.length(1);
  });

  it("is said aloud where there is no terminal to ask at", async () => {
    const { said, error } = await consent("no /dev/kvm", undefined);
    expect(said[0]).to.contain("Running under software emulation");
    expect(error).to.equal(undefined);
  });

  it("starts nothing when it is refused, and asks again the next time", async () => {
    expect((await consent("no /dev/kvm", false)).error).to.have.property("code", "EMULATION_DECLINED");
    expect((await consent("no /dev/kvm", true)).asked).to.have.length(1);
  });
});
