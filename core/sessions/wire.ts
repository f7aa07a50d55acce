import type { Socket } from "node:net";
import { messageOf } from "../support/errors.ts";
import { logger } from "../support/log.ts";
import { encodeFrame, FrameDecoder, type Frame, type FrameKind } from "./frames.ts";

const log = logger("control");
/** More than the windows of all streams together, in bytes. */
const MOST_UNSENT = 2 * 1024 * 1024;

/** One connection to a control socket, as frames. */
export class Wire {
  readonly #socket: Socket;
  /** Settles, never rejects, when the connection is gone, after the last frame was heard. */
  readonly closed: Promise<void>;

  /** `hear` takes each frame in order; when it throws, the connection is over. */
  constructor(socket: Socket, hear: (frame: Frame) => void) {
    this.#socket = socket;
    const decoder = new FrameDecoder();
    socket.on("error", (error) => log("connection: %s", error.message));
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.on("data", (chunk: Buffer) => {
      try {
        for (const frame of decoder.take(chunk)) {
          if (socket.destroyed) return;
          hear(frame);
        }
      } catch (error) {
        log("connection ended: %s", messageOf(error));
        socket.destroy();
      }
    });
  }

  /** Sends a frame, unless the connection is gone. Streams keep within their windows; who makes us answer without reading is cut off. */
  send(kind: FrameKind, payload: Uint8Array): void {
    if (this.#socket.writableLength > MOST_UNSENT) this.#socket.destroy();
    if (this.#socket.writable) this.#socket.write(encodeFrame(kind, payload));
  }

  /** Sends a frame that holds a message. */
  tell(kind: FrameKind, message: unknown): void {
    this.send(kind, Buffer.from(JSON.stringify(message)));
  }

  /** Ends the connection when what was sent has gone out. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
