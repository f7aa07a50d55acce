import type { Socket } from "node:net";

/** TLS alerts by which a client learns at once that it was refused, and roughly why (RFC 8446 6, RFC 6066 3). */
export const ALERT = { accessDenied: 49, unrecognizedName: 112 } as const;

const FATAL = 2;
const LINGER_MS = 2_000;

/** Ends a connection with a TLS alert, which libraries turn into an error that names it. */
export function refuseWithAlert(socket: Socket, alert: (typeof ALERT)[keyof typeof ALERT]): void {
  endWith(socket, Buffer.from([21, 3, 3, 0, 2, FATAL, alert]));
}

/** Sends the last words, gives the peer a moment to read them, and closes. */
export function endWith(socket: Socket, lastWords: Buffer | string): void {
  // closing while the peer's bytes lie unread makes the kernel send a reset, which overtakes the last words
  socket.resume();
  socket.end(lastWords);
  socket.once("end", () => socket.destroy());
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(timer));
}
