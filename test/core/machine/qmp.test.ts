import { Duplex, PassThrough } from "node:stream";
import { expect } from "chai";
import { Qmp, type QmpEvent } from "../../../core/machine/qmp.ts";

const UNBOUND = new AbortController().signal;
const GREETING = '{"QMP": {"version": {}, "capabilities": []}}\n';

/** A monitor of which a test writes the answers; `asked` is what it was sent. */
class FakeMonitor {
  readonly #answers = new PassThrough();
  readonly asked: string[] = [];
  readonly stream = Duplex.from({ readable: this.#answers, writable: this.#listener() });

  say(text: string): void {
    this.#answers.write(text);
  }

  end(): void {
    this.#answers.end();
    this.stream.destroy();
  }

  #listener(): PassThrough {
    const heard = new PassThrough();
    heard.on("data", (chunk: Buffer) => {
      this.asked.push(...String(chunk).trim().split("\n"));
      this.say(this.onCommand(String(chunk)));
    });
    return heard;
  }

  onCommand: (text: string) => string = () => '{"return": {}}\n';
}

describe("the client of QEMU's monitor", () => {
  let monitor: FakeMonitor;
  let events: QmpEvent[];
  let qmp: Qmp;
  beforeEach(() => {
    monitor = new FakeMonitor();
    events = [];
    qmp = new Qmp(monitor.stream, (event) => events.push(event));
  });

  it("waits for the greeting, negotiates, and gets answers", async () => {
    const opened = qmp.open(UNBOUND);
    expect(monitor.asked).to.deep.equal([]);
    monitor.say(GREETING);
    await opened;
    expect(await qmp.run("cont", { a: 1 }, UNBOUND)).to.deep.equal({});
    expect(monitor.asked).to.deep.equal(['{"execute":"qmp_capabilities","arguments":{}}', '{"execute":"cont","arguments":{"a":1}}']);
  });

  it("tells events apart from answers", async () => {
    monitor.onCommand = () => '{"event": "RESUME"}\n{"return": {}}\n';
    monitor.say(GREETING);
    await qmp.open(UNBOUND);
    expect(events).to.deep.equal([{ event: "RESUME" }]);
  });

  it("fails with QEMU's reason, escaped", async () => {
    monitor.onCommand = () => '{"error": {"class": "x", "desc": "no\\u001b[2J"}}\n';
    monitor.say(GREETING);
    const error = await qmp.open(UNBOUND).catch((reason: unknown) => reason);
    expect(error).to.have.property("code", "MONITOR_FAILED");
    expect(String(error)).to.contain("no\\u{1b}[2J");
  });

  for (const [what, text] of [["what is not JSON", "not json\n"], ["a number", "7\n"], ["an endless line", "x".repeat(1024 * 1024 + 1)]] as const) {
    it(`fails at ${what}, now and ever after`, async () => {
      monitor.say(text);
      expect(await qmp.open(UNBOUND).catch((reason: unknown) => reason)).to.have.property("code", "MONITOR_FAILED");
      expect(await qmp.run("cont", {}, UNBOUND).catch((reason: unknown) => reason)).to.have.property("code", "MONITOR_FAILED");
    });
  }

  it("fails what waits when QEMU ends", async () => {
    const opened = qmp.open(UNBOUND).catch((reason: unknown) => reason);
    monitor.end();
    expect(await opened).to.have.property("code", "MONITOR_FAILED");
  });

  it("gives up when told to", async () => {
    const controller = new AbortController();
    const opened = qmp.open(controller.signal).catch((reason: unknown) => reason);
    controller.abort(new Error("enough"));
    expect(await opened).to.have.property("message", "enough");
  });
});
