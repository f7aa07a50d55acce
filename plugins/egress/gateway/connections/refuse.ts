import type { Socket } from "node:net";

const ALERT = 21;
const FATAL = 2;
const UNRECOGNIZED_NAME = 112;
const LINGER_MS = 2_000;

/** Ends a connection with the TLS alert that says that its name is the reason (RFC 6066 3), which libraries turn into an error. */
export function refuseName(socket: Socket): void {
  endWith(socket, Buffer.from([ALERT, 3, 3, 0, 2, FATAL, UNRECOGNIZED_NAME]));
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
