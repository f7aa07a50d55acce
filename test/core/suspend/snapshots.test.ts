import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Machine } from "../../../core/machine/machine.ts";
import { Questions } from "../../../core/sessions/questions.ts";
import { serveSnapshots, SNAPSHOT_QUESTION } from "../../../core/suspend/snapshots.ts";
import { FakeMachine } from "../../support/fake-machine.ts";

const GIB = 2 ** 30;
const never = new AbortController().signal;

describe("A snapshot of a running session", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync("/tmp/clsn-")));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** How the question is answered by a session of a machine with this share, and how often the machine was copied for it. */
  async function asked(wish: { name: string; ownFiles?: boolean }, { readOnly, hasScratch = false }: { readOnly: boolean; hasScratch?: boolean }): Promise<{ code: string; copied: number }> {
    let copied = 0;
    class Captured extends FakeMachine {
      override readonly shares: Machine["shares"] = [{ tag: "project", readOnly }];
      override async capture(): Promise<never> {
        copied += 1;
        throw new Error("as far as it matters here");
      }
    }
    const questions = new Questions();
    const session = { name: "fern", project: "/p", stateDir: join(folder, "cloche") } as never;
    const guest = { machine: new Captured(), open: async () => await Promise.reject(new Error("no such guest")) } as never;
    serveSnapshots(questions, { guest, session, command: { request: { kind: "shell" }, tty: true, overrides: [] }, diskBy: hasScratch ? "machine.scratch" : undefined, limitBytes: 16 * GIB, signal: never });
    const code = await questions.answer({ name: SNAPSHOT_QUESTION, body: wish }, { say() {}, signal: never }).then(() => "", (error: { code: string }) => error.code);
    return { code, copied };
  }

  it("is not begun for copies that would all edit the project itself, unless that is said", async () => {
    expect(await asked({ name: "a", ownFiles: true }, { readOnly: false })).to.deep.equal({ code: "FORK_SHARED", copied: 0 });
    expect(existsSync(join(folder, "cloche"))).to.equal(false);
    expect(await asked({ name: "a" }, { readOnly: false })).to.deep.equal({ code: "SNAPSHOT_FAILED", copied: 1 });
    expect(await asked({ name: "a", ownFiles: true }, { readOnly: true })).to.deep.equal({ code: "SNAPSHOT_FAILED", copied: 1 });
  });

  it("is not begun of a session whose scratch disk it would not have", async () => {
    expect(await asked({ name: "a" }, { readOnly: true, hasScratch: true })).to.deep.equal({ code: "SAVED_DISK", copied: 0 });
  });
});
