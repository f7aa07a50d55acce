import { once } from "node:events";
import type { Socket } from "node:net";
import { expect } from "chai";
import { readRule, type RuleText } from "../../../plugins/egress/policy/rule.ts";
import { startEgress, type TestEgress } from "./support/egress.ts";
import { echoWitness, type Witness } from "./support/witness.ts";

const SOON_MS = 8_000;

function rule(text: RuleText, purpose: "allow" | "deny" = "allow") {
  const reading = readRule(text, purpose);
  return "rule" in reading ? reading.rule : expect.fail(reading.why);
}

/** What came back for some bytes, or the code of the error. */
async function exchange(dialling: Promise<Socket>, bytes = "hello"): Promise<string> {
  try {
    const socket = await dialling;
    socket.write(bytes);
    const [chunk] = (await once(socket, "data", { signal: AbortSignal.timeout(SOON_MS) })) as [Buffer];
    socket.destroy();
    return chunk.toString();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + SOON_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error("it did not happen in time");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("A gateway whose policy changes while it runs", () => {
  let witness: Witness;
  let egress: TestEgress;
  beforeEach(async () => { witness = await echoWitness(); });
  afterEach(async () => {
    await egress.end();
    await witness.end();
  });

  const upstreams = (...targets: string[]) => targets.map((target) => ({ target, address: "127.0.0.1", port: witness.port }));
  const dial = async (name: string, port: number) => await egress.inside.tcp(await egress.addressOf(name), port);

  it("lets through what is allowed from then on, on a new port too, with the session's DNS going on", async () => {
    egress = await startEgress(["old.test:7"], upstreams("old.test:7", "new.test:9", "new.test:22"));
    await egress.addressOf("new.test").then(() => expect.fail("it has an address"), () => {});
    expect(await exchange(egress.inside.tcp("198.18.0.3", 9))).to.equal("ECONNREFUSED");
    await egress.live.allow(rule("new.test:9"));
    await egress.live.allow(rule("new.test:22"));
    expect(await exchange(dial("new.test", 9))).to.equal("hello");
    expect(await exchange(dial("new.test", 22))).to.equal("hello");
    expect(await exchange(dial("old.test", 7))).to.equal("hello");
    expect(await exchange(dial("old.test", 9))).to.equal("ECONNRESET");
  });

  it("closes a connection that is not allowed any more at once, and no other", async () => {
    egress = await startEgress(["a.test:7", "b.test:7"], upstreams("a.test:7", "b.test:7"));
    const [kept, lost] = [await dial("a.test", 7), await dial("b.test", 7)];
    for (const socket of [kept, lost]) {
      socket.write("1");
      await once(socket, "data");
    }
    const error = once(lost, "error") as Promise<[NodeJS.ErrnoException]>;
    expect((await egress.live.deny(rule("b.test", "deny"))).closed).to.equal(1);
    expect((await error)[0].code).to.equal("ECONNRESET");
    kept.write("2");
    expect(String((await once(kept, "data"))[0])).to.equal("2");
    kept.destroy();
    await until(() => egress.audit().some(({ name, why }) => name === "b.test" && why === "closed: denied by you, for this session"));
    expect(await exchange(egress.inside.tcp("198.18.0.3", 7))).to.equal("ECONNRESET");
  });

  it("is open for a while, to public addresses only, and closes then what only that allowed", async () => {
    egress = await startEgress([], upstreams("any.test:443"));
    await egress.live.open(700);
    expect(egress.live.openUntil).to.be.closeTo(Date.now() + 700, 500);
    expect(await exchange(egress.inside.tcp("10.1.2.3", 80))).to.equal("ECONNRESET");
    const address = await egress.addressOf("any.test");
    await until(() => egress.live.data.mode === "allowlist");
    await until(async () => (await exchange(egress.inside.tcp(address, 443))) === "ECONNRESET");
    await until(() => egress.audit().some(({ name, why }) => name === "any.test" && why === "no rule names this host"));
    expect(egress.audit().find(({ name }) => name === "10.1.2.3")).to.include({ verdict: "refused", why: "it is private" });
  });

  it("refuses a bare address at once, and shows it in the audit; a rule that names it lets it through", async () => {
    egress = await startEgress([], []);
    expect(await exchange(egress.inside.tcp("93.184.216.34", 443))).to.equal("ECONNRESET");
    expect(await exchange(egress.inside.tcp("93.184.216.34", 444))).to.equal("ECONNREFUSED");
    await until(() => egress.audit().some(({ name, port, why }) => name === "93.184.216.34" && port === 443 && why === "no rule names this address"));
    await egress.live.allow(rule(`127.0.0.1:${witness.port}`));
    expect(await exchange(egress.inside.tcp("127.0.0.1", witness.port))).to.equal("hello");
    expect(witness.connections()).to.equal(1);
  });

  it("writes down at the end the connections that were still open", async () => {
    egress = await startEgress(["a.test:7"], upstreams("a.test:7"));
    const socket = await dial("a.test", 7);
    socket.on("error", () => {});
    socket.write("12345");
    await once(socket, "data");
    const audit = egress.audit;
    const { pid } = egress;
    process.kill(pid, 0);
    await egress.endGateway();
    expect(audit().at(-1)).to.include({ name: "a.test", port: 7, why: "open until the end", sent: 5, received: 5 });
    socket.destroy();
  });

  it("says what is open, and how much went each way", async () => {
    egress = await startEgress(["a.test:7"], upstreams("a.test:7"));
    const socket = await dial("a.test", 7);
    socket.write("12345");
    await once(socket, "data");
    expect((await egress.link.ask("status", undefined)).connections).to.have.length(1).and.to.have.nested.property("[0].sent", 5);
    socket.destroy();
    await until(async () => (await egress.link.ask("status", undefined)).totals.length === 1);
    expect((await egress.link.ask("status", undefined)).totals[0]).to.deep.equal({ name: "a.test", port: 7, allowed: 1, refused: 0, failed: 0, sent: 5, received: 5 });
  });
});

describe("A gateway that asks the user", () => {
  let witness: Witness;
  let egress: TestEgress;
  const start = async (askMs = 60_000) => {
    witness = await echoWitness();
    const targets = ["a.test:80", "b.test:9", "c.test:80"].map((target) => ({ target, address: "127.0.0.1", port: witness.port }));
    egress = await startEgress({ ask: true, allow: ["port.test:9"], deny: ["never.test"] }, targets, [], { askMs });
  };
  afterEach(async () => {
    await egress.end();
    await witness.end();
  });
  const dial = async (name: string, port: number) => await egress.inside.tcp(await egress.addressOf(name), port);
  const answer = async (id: number, yes: boolean) => (await egress.link.ask("answer", { id, yes })).found;

  it("holds the connection, dials nobody, and lets it through when the user says yes, this one only", async () => {
    await start();
    const [first, second] = [exchange(Promise.resolve(await dial("b.test", 9))), exchange(Promise.resolve(await dial("b.test", 9)))];
    await until(async () => (await egress.link.ask("status", undefined)).pending[0]?.held === 2);
    expect(egress.asked).to.have.length(1).and.to.have.nested.property("[0].name", "b.test");
    expect(witness.connections()).to.equal(0);
    expect(await answer(1, true)).to.equal(true);
    expect([await first, await second]).to.deep.equal(["hello", "hello"]);
    const third = exchange(dial("b.test", 9));
    await until(() => egress.asked.length === 2);
    expect(await answer(2, false)).to.equal(true);
    expect(await third).to.equal("ECONNRESET");
    expect(await answer(2, false)).to.equal(false);
    expect(witness.connections()).to.equal(2);
    expect(await exchange(dial("b.test", 9))).to.equal("ECONNRESET"); // and is not asked about again at once
    expect(egress.asked).to.have.length(2);
  });

  it("lets through what waits when a rule comes that allows it, and refuses it when one denies it", async () => {
    await start();
    const [b, c] = [await dial("b.test", 9), await dial("c.test", 80)];
    const [one, other] = [exchange(Promise.resolve(b)), exchange(Promise.resolve(c))];
    await until(() => egress.asked.length === 2);
    await egress.live.allow(rule("b.test:9"));
    expect(await one).to.equal("hello");
    await egress.live.deny(rule("c.test", "deny"));
    expect(await other).to.equal("ECONNRESET");
    expect(await exchange(dial("b.test", 9))).to.equal("hello");
    expect(egress.asked).to.have.length(2);
  });

  it("takes no answer in time for a no, and does not ask about what is denied, bare or on ports of nobody", async () => {
    await start(300);
    const began = performance.now();
    expect(await exchange(dial("b.test", 9))).to.equal("ECONNRESET");
    expect(performance.now() - began).to.be.within(250, 2_500);
    await until(() => egress.audit().some(({ why }) => why === "you were asked and did not answer in time"));
    await egress.addressOf("never.test").then(() => expect.fail("it has an address"), () => {});
    expect(await exchange(egress.inside.tcp("93.184.216.34", 9))).to.equal("ECONNRESET");
    expect(egress.asked).to.have.length(1);
  });

  it("asks about a bounded number of names at once, and refuses the rest at once", async () => {
    await start();
    const held: Socket[] = [];
    for (let number = 0; number < 32; number += 1) held.push(await dial(`n${number}.test`, 9));
    await until(() => egress.asked.length === 32);
    expect(await exchange(dial("more.test", 9))).to.equal("ECONNRESET");
    expect(egress.asked).to.have.length(32);
    for (const socket of held) socket.on("error", () => {}).destroy();
  });

  it("lets each request of a plain HTTP connection through that the user granted", async () => {
    await start();
    const answered = exchange(dial("a.test", 80), "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    await until(() => egress.asked.length === 1);
    await answer(1, true);
    expect(await answered).to.match(/^HTTP\/1\.1 502/); // the witness speaks no HTTP, but it was reached
    expect(witness.connections()).to.equal(1);
  });
});
