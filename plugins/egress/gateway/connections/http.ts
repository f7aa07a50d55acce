import type { Socket } from "node:net";
import type { Doorkeeper, Outcome, Target } from "./door.ts";

/**
 * Lets plain HTTP through, every request of the connection checked and written anew. The HTTP code of Node costs memory, so it
 * is loaded when the first such connection comes.
 */
export async function relayHttp(guest: Socket, target: Target, keeper: Doorkeeper): Promise<Outcome> {
  const { HttpRelay } = await import("../http/relay.ts");
  const connect = async (signal: AbortSignal) => await keeper.dial(target.name, target.port, signal);
  return await new HttpRelay(guest, target, keeper, false, connect).ended;
}
