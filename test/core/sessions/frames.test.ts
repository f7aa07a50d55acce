import { expect } from "chai";
import fc from "fast-check";
import { encodeFrame, FRAME_KINDS, FrameDecoder, LARGEST_PAYLOAD, type Frame } from "../../../core/sessions/frames.ts";
import { ClocheError } from "../../../core/support/errors.ts";

const frame = fc.record({ kind: fc.constantFrom(...FRAME_KINDS), payload: fc.uint8Array({ maxLength: 300 }) });

/** Feeds bytes in pieces of the given sizes, over and over. */
function decode(bytes: Buffer, sizes: readonly number[]): Frame[] {
  const decoder = new FrameDecoder();
  const frames: Frame[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    frames.push(...decoder.take(bytes.subarray(at, at + size)));
    at += size;
  }
  return frames;
}

describe("Frames", () => {
  it("arrive as they were sent, however the bytes are cut up", () => {
    fc.assert(fc.property(fc.array(frame, { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (frames, sizes) => {
      const bytes = Buffer.concat(frames.map(({ kind, payload }) => encodeFrame(kind, payload)));
      expect(decode(bytes, sizes).map(({ kind, payload }) => ({ kind, payload: Uint8Array.from(payload) }))).to.deep.equal(frames);
    }));
  });

  it("of any bytes at all are frames or a foreseen failure", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.integer({ min: 1, max: 100 }), (bytes, size) => {
      try {
        decode(Buffer.from(bytes), [size]);
      } catch (error) {
        expect(error).to.be.instanceOf(ClocheError).with.property("code", "CONTROL_PROTOCOL");
      }
    }));
  });

  it("that are too long, or of a kind that nobody knows, are refused at once, by their first five bytes", () => {
    const tooLong = Buffer.from([0, 1, 0, 1, 0]);
    const unknown = Buffer.from([0, 0, 0, 0, FRAME_KINDS.length]);
    for (const header of [tooLong, unknown]) {
      expect(() => [...new FrameDecoder().take(header)]).to.throw().with.property("code", "CONTROL_PROTOCOL");
    }
    expect(() => encodeFrame("stdin", Buffer.alloc(LARGEST_PAYLOAD + 1))).to.throw();
    expect(decode(encodeFrame("stdin", Buffer.alloc(LARGEST_PAYLOAD)), [1_000])).to.have.length(1);
  });

  it("have numbers that stay the same, since the two ends may be of different builds", () => {
    expect(FRAME_KINDS.slice(0, 14)).to.deep.equal([
      "hello", "open", "opened", "refused", "resume", "resumed", "stdin", "stdout", "stderr", "ack", "resize", "signal", "end", "close",
    ]);
  });
});
