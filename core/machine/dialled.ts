import type { Server, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { withDeadline } from "../support/deadline.ts";
import { fail } from "./failures.ts";

// Anything in the guest may dial; what nobody takes must not pile up.
const MOST_WAITING = 8;

/** Connections that the guest dialled, each taken once; the oldest that nobody took is closed when there are too many. */
export class DialledConnections {
  readonly #waiting: Socket[] = [];
  readonly #takers: ((socket: Socket) => void)[] = [];
  readonly #ended: Promise<Error>;

  /** `ended` settles with the reason when no further connection can come. */
  constructor(server: Server, ended: Promise<Error>) {
    this.#ended = ended;
    server.on("connection", (socket) => this.#add(socket));
  }

  /** The next connection. Throws GUEST_NOT_DIALLED when the deadline (ms) passes, or the reason for which none can come. */
  async take(deadlineMs: number, signal: AbortSignal): Promise<Duplex> {
    const waiting = this.#waiting.shift();
    if (waiting) return waiting;
    let taker: ((socket: Socket) => void) | undefined;
    const next = new Promise<Socket>((resolve) => this.#takers.push((taker = resolve)));
    const never = this.#ended.then((reason) => Promise.reject(reason));
    try {
      const late = () => fail("GUEST_NOT_DIALLED", { seconds: Math.round(deadlineMs / 1000) });
      return await withDeadline(Promise.race([next, never]), deadlineMs, late, signal);
    } catch (error) {
      this.#forget(taker, next);
      throw error;
    }
  }

  /** A connection that comes after its taker gave up is for the next one. */
  #forget(taker: ((socket: Socket) => void) | undefined, next: Promise<Socket>): void {
    const index = this.#takers.findIndex((one) => one === taker);
    if (index === -1) void next.then((socket) => this.#add(socket));
    else this.#takers.splice(index, 1);
  }

  #add(socket: Socket): void {
    if (socket.destroyed) return;
    socket.on("error", () => {}); // whoever takes it sees its end
    socket.allowHalfOpen = false; // doors leave that open; here QEMU's end must be the connection's
    const taker = this.#takers.shift();
    if (taker) return taker(socket);
    this.#waiting.push(socket);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift()?.destroy();
  }
}
