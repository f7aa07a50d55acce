import type { Socket } from "node:net";
import { Gathering } from "./gathering.ts";
import { passEnd } from "./pass-end.ts";
import type { Pump } from "./pump.ts";

/** How many bytes went each way. */
export interface Traffic {
  readonly sent: number;
  readonly received: number;
}

const HALF_OPEN_MS = 300_000; // how long nothing may move once one side is done
const BULK_BYTES = 16_384;

/**
 * Passes bytes between the guest and the other side, untouched, each way at the pace of the slower, until both are done. One
 * side's end is passed on as an end, one side's failure as a reset. What comes from outside goes by the pump when it was dialled
 * with one. Never rejects.
 */
export async function splice(guest: Socket, outside: Socket, opening: Buffer, pump?: Pump): Promise<Traffic> {
  return await new Promise((resolve) => {
    let open = 2;
    for (const [from, to] of [[guest, outside], [outside, guest]] as const) {
      from.on("error", () => to.resetAndDestroy());
      from.on("timeout", () => from.resetAndDestroy());
      from.on("close", () => {
        to.destroySoon(); // which waits for a peer that reads no more, but not for ever
        limit(to);
        open -= 1;
        if (open === 0) resolve({ sent: outside.bytesWritten, received: outside.bytesRead });
      });
      // whatever moves, either way, moves at the guest's socket too
      if (from.readableEnded) limit(guest);
      else from.on("end", () => limit(guest));
    }
    if (opening.length > 0) outside.write(opening);
    forward(guest, outside);
    if (pump) pump.start(outside, guest);
    else outside.pipe(guest);
  });
}

/** As `pipe` does, with a fraction of its listeners and closures, which short connections consist of. */
function forward(guest: Socket, outside: Socket): void {
  const gathering = new Gathering();
  guest.on("data", (chunk: Buffer) => {
    if (outside.destroyed || outside.writableEnded) return;
    gathering.took(chunk.length);
    if (!outside.write(chunk, chunk.length < BULK_BYTES ? undefined : () => release(chunk))) guest.pause();
  });
  outside.on("drain", () => guest.resume());
  if (guest.readableEnded) outside.end();
  else guest.once("end", () => passEnd(outside));
  guest.resume(); // whoever read the greeting paused it
}

/** Frees what a read took. V8 would do so too late for its own good: it collects all there is for every 32 MB of such buffers. */
function release({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0); // else it is a part of something
}

function limit(socket: Socket): void {
  if (!socket.destroyed && !socket.timeout) socket.setTimeout(HALF_OPEN_MS);
}
