import { expect } from "chai";
import fc from "fast-check";
import { Incoming } from "../../../core/sessions/incoming.ts";
import { Outgoing } from "../../../core/sessions/outgoing.ts";
import { encodePiece, LARGEST_PIECE, WINDOW_BYTES } from "../../../core/sessions/stream-frames.ts";
import type { Wire } from "../../../core/sessions/wire.ts";

/** A connection whose frames are delivered one by one, and lost when it breaks. */
class Line {
  readonly frames: Buffer[] = [];
  readonly wire = { send: (_kind: string, payload: Buffer) => void this.frames.push(payload) } as unknown as Wire;
}

const bytesOf = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, index) => (index * 7919) >> 3));

describe("A stream over connections that break", () => {
  it("arrives whole and in order, whatever breaks when, and never has more under way than its window", async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constant("deliver" as const) },
      { weight: 3, arbitrary: fc.constant("consume" as const) },
      { weight: 2, arbitrary: fc.constant("acknowledge" as const) },
      { weight: 1, arbitrary: fc.constant("break" as const) },
    );
    await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 900_000 }), fc.array(step, { maxLength: 150 }), async (length, steps) => {
      const sent = bytesOf(length);
      const out = new Outgoing("stdout");
      const taken: Buffer[] = [];
      const waiting: (() => void)[] = [];
      let ends = 0;
      let acknowledged = 0;
      const incoming = new Incoming((bytes, done) => {
        if (bytes === undefined) ends++;
        else {
          taken.push(Buffer.from(bytes));
          waiting.push(done);
        }
      }, (offset) => { acknowledged = offset; });
      let line = new Line();
      out.attach(line.wire, 0);
      void out.send(sent).then(() => out.end());
      const act = async (what: "deliver" | "consume" | "acknowledge" | "break"): Promise<void> => {
        if (what === "deliver") for (const frame of line.frames.splice(0, 2)) incoming.take(frame);
        else if (what === "consume") waiting.shift()?.();
        else if (what === "acknowledge") out.acknowledge(acknowledged);
        else {
          out.detach();
          line = new Line();
          out.attach(line.wire, incoming.received);
        }
        await new Promise((resolve) => { setImmediate(resolve); });
        expect(incoming.received - acknowledged).to.be.at.most(WINDOW_BYTES);
      };
      for (const what of steps) await act(what);
      for (let round = 0; ends === 0 && round < 200; round++) for (const what of ["deliver", "consume", "acknowledge"] as const) await act(what);
      expect(ends).to.equal(1);
      expect(Buffer.concat(taken).equals(sent)).to.equal(true);
    }), { numRuns: 40 });
  }).timeout(60_000);

  it("is refused when its sender sends more than the window has room for, or leaves a gap", () => {
    const incoming = new Incoming(() => {}, () => {});
    let at = 0;
    const send = (): void => {
      incoming.take(encodePiece({ offset: at, bytes: Buffer.alloc(LARGEST_PIECE) }));
      at += LARGEST_PIECE;
    };
    for (let sent = 0; sent + LARGEST_PIECE <= WINDOW_BYTES; sent += LARGEST_PIECE) send();
    expect(send).to.throw().with.property("code", "CONTROL_PROTOCOL");
    expect(incoming.received).to.equal(at);
    expect(() => incoming.take(encodePiece({ offset: at + 1, bytes: Buffer.alloc(1) }))).to.throw().with.property("code", "CONTROL_PROTOCOL");
  });

  it("is refused when its receiver claims what was never sent, or wants what is not kept any more", async () => {
    const out = new Outgoing("stdout");
    await out.send(Buffer.alloc(1_000));
    out.acknowledge(500);
    const line = new Line();
    for (const wrong of [() => out.acknowledge(1_001), () => out.attach(line.wire, 1_001), () => out.attach(line.wire, 499)]) {
      expect(wrong).to.throw().with.property("code", "CONTROL_PROTOCOL");
    }
    out.attach(line.wire, 500);
    expect(line.frames).to.have.length(1);
  });

  it("does not hold up a sender when nobody will ever read it", async () => {
    const out = new Outgoing("stdout");
    const sending = out.send(Buffer.alloc(WINDOW_BYTES * 2));
    out.giveUp();
    await sending;
    await out.send(Buffer.alloc(WINDOW_BYTES * 2));
  });
});
