import { fail } from "./failures.ts";

/** The kinds of frames on a control socket, in the order of their numbers. New ones are added at the end. */
export const FRAME_KINDS = [
  "hello", "open", "opened", "refused", "resume", "resumed", "stdin", "stdout", "stderr", "ack", "resize", "signal", "end", "close",
  "ask", "said", "done", "visit",
] as const;

export type FrameKind = (typeof FRAME_KINDS)[number];

/** One message on a control socket: 4 bytes of payload length, 1 byte of kind, then the payload. Numbers are big-endian. */
export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Buffer;
}

/** Most bytes that a payload may have. */
export const LARGEST_PAYLOAD = 64 * 1024;

const HEADER_BYTES = 5;

/** The bytes of one frame. */
export function encodeFrame(kind: FrameKind, payload: Uint8Array): Buffer {
  if (payload.length > LARGEST_PAYLOAD) throw new Error(`a frame of ${payload.length} bytes is too large to send`);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  frame.writeUInt32BE(payload.length, 0);
  frame.writeUInt8(FRAME_KINDS.indexOf(kind), 4);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/** Cuts a byte stream into frames; it never keeps more than one frame that is not complete. */
export class FrameDecoder {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that are complete now; throws CONTROL_PROTOCOL, after which the connection is of no use. */
  *take(chunk: Buffer): Generator<Frame> {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = Buffer.alloc(0);
    while (bytes.length >= HEADER_BYTES) {
      const length = bytes.readUInt32BE(0);
      const kind = FRAME_KINDS[bytes.readUInt8(4)];
      if (length > LARGEST_PAYLOAD) throw fail("CONTROL_PROTOCOL", { detail: `a frame of ${length} bytes` });
      if (kind === undefined) throw fail("CONTROL_PROTOCOL", { detail: `a frame of unknown kind ${bytes.readUInt8(4)}` });
      const end = HEADER_BYTES + length;
      if (bytes.length < end) break;
      yield { kind, payload: bytes.subarray(HEADER_BYTES, end) };
      bytes = bytes.subarray(end);
    }
    this.#rest = Buffer.from(bytes); // a copy, so that a large chunk is not kept for its last bytes
  }
}
