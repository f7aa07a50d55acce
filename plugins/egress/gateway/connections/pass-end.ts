import type { Socket } from "node:net";

/** Tells a socket that the other side has ended. One that has ended itself, and has nothing left to write, is closed: that says the same with less ado. */
export function passEnd(to: Socket): void {
  if (to.readableEnded && to.writableLength === 0) to.destroy();
  else to.end();
}
