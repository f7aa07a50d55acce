import { once } from "node:events";
import { expect } from "chai";
import { z } from "zod";
import { askRunning, type Asker } from "../../../core/sessions/ask.ts";
import { serveControl } from "../../../core/sessions/control-server.ts";
import { LARGEST_PAYLOAD } from "../../../core/sessions/frames.ts";
import { Questions } from "../../../core/sessions/questions.ts";
import { ensureSessionsDirectory, runDirectory } from "../../../core/sessions/sessions-directory.ts";
import { Disposers } from "../../../core/support/disposers.ts";
import { ClocheError } from "../../../core/support/errors.ts";
import { mkdirSync } from "node:fs";
import { localGuest } from "./local-guest.ts";
import { runtimeDirectory } from "./support.ts";

const never = new AbortController().signal;

/** A running session that answers these questions. */
async function answering(offer: (questions: Questions) => void) {
  const runtime = runtimeDirectory();
  const scope = new Disposers();
  const questions = new Questions();
  offer(questions);
  ensureSessionsDirectory(runtime.path);
  const runDir = runDirectory(runtime.path, "fern");
  mkdirSync(runDir, { mode: 0o700 });
  await serveControl({ name: "fern", runDir, guest: localGuest().guest, project: "/", environment: () => ({}), questions }, scope);
  return {
    scope,
    ask: (name: string, body: unknown = {}, asker: Partial<Asker> = {}) =>
      askRunning(runtime.path, { name: "fern", state: "running" }, { name, body }, { signal: never, ...asker }),
    async [Symbol.asyncDispose]() {
      await scope.close();
      runtime[Symbol.dispose]();
    },
  };
}

async function refusal(asked: Promise<unknown>): Promise<ClocheError> {
  const error = await asked.then((value) => expect.fail(`it answered ${JSON.stringify(value)}`), (reason: unknown) => reason);
  expect(error).to.be.instanceOf(ClocheError);
  return error as ClocheError;
}

describe("A question to a running session", () => {
  it("is answered by the part that offered it, with what it said ahead", async () => {
    await using session = await answering((questions) =>
      questions.serve("test.count", z.strictObject({ to: z.int() }), async ({ to }, { say }) => {
        for (let number = 1; number <= to; number += 1) say(number);
        return "done";
      }));
    const heard: unknown[] = [];
    expect(await session.ask("test.count", { to: 3 }, { hear: (value) => heard.push(value) })).to.equal("done");
    expect(heard).to.deep.equal([1, 2, 3]);
  });

  it("is refused when nothing offers an answer, when its body does not fit, and as the answerer fails", async () => {
    await using session = await answering((questions) => {
      questions.serve("test.strict", z.strictObject({ to: z.int() }), () => 1);
      questions.serve("test.fails", z.unknown(), () => Promise.reject(new Error("no luck")));
      questions.serve("test.long", z.unknown(), () => "x".repeat(LARGEST_PAYLOAD));
    });
    expect((await refusal(session.ask("test.other"))).message).to.include("test.other");
    expect((await refusal(session.ask("test.strict", { to: "a" }))).message).to.include("to");
    expect((await refusal(session.ask("test.fails"))).message).to.include("no luck");
    expect((await refusal(session.ask("test.long"))).message).to.include("too large");
  });

  it("ends with its asker, and with the session", async () => {
    const gone = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    await using session = await answering((questions) =>
      questions.serve("test.follow", z.unknown(), async (_body, { signal }) => {
        asked.resolve();
        await once(signal, "abort");
        gone.resolve();
      }));
    const leaving = new AbortController();
    const first = session.ask("test.follow", {}, { signal: leaving.signal });
    await asked.promise;
    leaving.abort(new Error("left"));
    expect(await first.catch((error: Error) => error.message)).to.equal("left");
    await gone.promise;
    const second = session.ask("test.follow", {}, { hear: () => {} });
    second.catch(() => {});
    await session.scope.close();
    expect((await refusal(second)).code).to.be.oneOf(["SESSION_NOT_READY", "CONTROL_PROTOCOL"]);
  });

  it("is offered once", () => {
    const questions = new Questions();
    questions.serve("test.once", z.unknown(), () => 1);
    expect(() => questions.serve("test.once", z.unknown(), () => 2)).to.throw("twice");
  });
});
