import { expect } from "chai";
import fc from "fast-check";
import { Replay } from "../../../core/attach/replay.ts";

describe("Replay", () => {
  it("gives a reader that comes back what it has not seen", () => {
    const log = new Replay(100);
    log.append(Buffer.from("hello "));
    log.append(Buffer.from("world"));
    expect(log.read(3)).to.deep.equal({ offset: 3, bytes: Buffer.from("lo world"), lost: 0 });
    expect(log.read(11)).to.deep.equal({ offset: 11, bytes: Buffer.alloc(0), lost: 0 });
  });

  it("forgets what was acknowledged", () => {
    const log = new Replay(100);
    log.append(Buffer.from("hello"));
    log.acknowledge(3);
    expect({ start: log.start, end: log.end, room: log.room }).to.deep.equal({ start: 3, end: 5, room: 98 });
    log.acknowledge(50);
    expect(log.start).to.equal(5);
  });

  it("says how much is lost when more came than it keeps", () => {
    const log = new Replay(4);
    log.append(Buffer.from("abcdefgh"));
    log.append(Buffer.from("ij"));
    expect(log.read(1)).to.deep.equal({ offset: 6, bytes: Buffer.from("ghij"), lost: 5 });
  });

  it("gives no more at once than asked for", () => {
    const log = new Replay(100);
    log.append(Buffer.from("abc"));
    log.append(Buffer.from("def"));
    expect(log.read(1, 3).bytes.toString()).to.equal("bcd");
  });

  it("refuses an offset that has not come yet, or never can", () => {
    const log = new Replay(100);
    for (const offset of [1, -1, 0.5, Number.NaN]) expect(() => log.read(offset)).to.throw(RangeError);
  });

  it("keeps the end of any stream, whatever its pieces", () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 30 });
    fc.assert(fc.property(pieces, fc.integer({ min: 1, max: 50 }), fc.nat(600), (chunks, limit, from) => {
      const log = new Replay(limit);
      for (const chunk of chunks) log.append(chunk);
      const whole = Buffer.concat(chunks);
      const offset = Math.min(from, whole.length);
      const { bytes, offset: first, lost } = log.read(offset);
      expect(first).to.equal(Math.max(offset, whole.length - limit, 0));
      expect(lost).to.equal(first - offset);
      expect(bytes.equals(whole.subarray(first))).to.equal(true);
    }));
  });
});
