import { fail } from "./failures.ts";
import { LARGEST_PAYLOAD } from "./frames.ts";

/** The byte streams of one command. */
export type StreamName = "stdin" | "stdout" | "stderr";

/** A piece of a byte stream, and how many bytes of the stream come before it. An empty piece is the stream's end. */
export interface Piece {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** How much of a stream its receiver has dealt with, in bytes. */
export interface Acknowledgement {
  readonly stream: StreamName;
  readonly offset: number;
}

/** Most bytes of a stream that may be under way; the sender keeps them until they are acknowledged, to send them again. */
export const WINDOW_BYTES = 256 * 1024;

const OFFSET_BYTES = 6;
/** Most bytes that one piece may have. */
export const LARGEST_PIECE = LARGEST_PAYLOAD - OFFSET_BYTES;
const STREAMS: readonly StreamName[] = ["stdin", "stdout", "stderr"];

/** The payload of a frame that carries a piece. */
export function encodePiece({ offset, bytes }: Piece): Buffer {
  const payload = Buffer.allocUnsafe(OFFSET_BYTES + bytes.length);
  payload.writeUIntBE(offset, 0, OFFSET_BYTES);
  payload.set(bytes, OFFSET_BYTES);
  return payload;
}

/** The piece that a frame carries; throws CONTROL_PROTOCOL. */
export function decodePiece(payload: Buffer): Piece {
  if (payload.length < OFFSET_BYTES) throw fail("CONTROL_PROTOCOL", { detail: "a piece without its offset" });
  return { offset: payload.readUIntBE(0, OFFSET_BYTES), bytes: payload.subarray(OFFSET_BYTES) };
}

/** The payload of an `ack` frame. */
export function encodeAcknowledgement({ stream, offset }: Acknowledgement): Buffer {
  const payload = Buffer.allocUnsafe(1 + OFFSET_BYTES);
  payload.writeUInt8(STREAMS.indexOf(stream), 0);
  payload.writeUIntBE(offset, 1, OFFSET_BYTES);
  return payload;
}

/** What an `ack` frame says; throws CONTROL_PROTOCOL. */
export function decodeAcknowledgement(payload: Buffer): Acknowledgement {
  const stream = payload.length === 1 + OFFSET_BYTES ? STREAMS[payload.readUInt8(0)] : undefined;
  if (stream === undefined) throw fail("CONTROL_PROTOCOL", { detail: "an acknowledgement of nothing" });
  return { stream, offset: payload.readUIntBE(1, OFFSET_BYTES) };
}
