import type { Socket } from "node:net";
import type { Doorkeeper, Outcome, Target } from "./door.ts";
import { Pump } from "./pump.ts";
import { splice } from "./splice.ts";

/** Passes a connection through as it is: for ports that a rule names and whose protocol says nothing of the host. */
export async function relayRaw(guest: Socket, target: Target, keeper: Doorkeeper): Promise<Outcome> {
  return await relayBytes(guest, target, keeper, Buffer.alloc(0));
}

/** Dials, sends what was read already, and passes everything else through. Resets the guest's connection when there is nothing to pass to. */
export async function relayBytes(guest: Socket, target: Target, { dial }: Doorkeeper, opening: Buffer): Promise<Outcome> {
  const hungUp = new AbortController();
  const onClose = (): void => hungUp.abort();
  guest.once("close", onClose);
  const pump = new Pump();
  const dialled = await dial(target.name, target.port, hungUp.signal, { pump });
  guest.removeListener("close", onClose);
  if ("why" in dialled) {
    guest.resetAndDestroy();
    return { verdict: dialled.refused ? "refused" : "failed", why: dialled.why };
  }
  const { socket: outside, address } = dialled;
  if (guest.destroyed || outside.destroyed) {
    for (const socket of [guest, outside]) socket.resetAndDestroy();
    return { verdict: "failed", why: "it was hung up at once", address };
  }
  return { verdict: "allowed", why: target.why, address, ...(await splice(guest, outside, opening, dialled.pumped ? pump : undefined)) };
}
