import type { Socket } from "node:net";
import { canonicalName } from "../../names/canonical-name.ts";
import { isLiteral } from "../../names/destination.ts";
import { readClientHello } from "./client-hello.ts";
import type { Doorkeeper, Outcome, Target } from "./door.ts";
import type { Greeting } from "./interception.ts";
import { refuseName } from "./refuse.ts";
import { relayBytes, relayRaw } from "./raw.ts";

/** A ClientHello that asks for the right name, with all bytes that came so far, or why the connection is refused. */
type Opening = Greeting | { readonly why: string; readonly speaksTls: boolean };

/**
 * Lets TLS through, untouched unless it is to be intercepted, when its ClientHello asks for the very name that the connection was
 * made to. A name that is hidden in an encrypted ClientHello beside it goes the way of every name said later: it is the host's to
 * honour or not.
 */
export async function relayTls(guest: Socket, target: Target, keeper: Doorkeeper): Promise<Outcome> {
  const { name } = target;
  if (isLiteral(name)) return await relayRaw(guest, target, keeper); // an address has no name to ask for
  const opening = await readOpening(guest, name, keeper.deadlines.firstHeadMs);
  if ("bytes" in opening) {
    if (!target.intercepted) return await relayBytes(guest, target, keeper, opening.bytes);
    const { intercept } = await import("./intercept.ts"); // Node's TLS costs memory that most sessions may not need
    return await intercept(guest, { ...target, name }, keeper, opening);
  }
  if (opening.speaksTls) refuseName(guest);
  else guest.resetAndDestroy();
  return { verdict: "refused", why: opening.why };
}

async function readOpening(guest: Socket, name: string, deadlineMs: number): Promise<Opening> {
  return await new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);
    const settle = (opening: Opening): void => {
      clearTimeout(timer);
      guest.removeListener("data", onData).removeListener("end", onEnd).removeListener("close", onEnd);
      guest.pause();
      resolve(opening);
    };
    const onEnd = (): void => settle({ why: "it ended before it named a host", speaksTls: false });
    const onData = (chunk: Buffer): void => {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      const reading = readClientHello(bytes);
      if (reading.kind === "bad") settle({ why: reading.why, speaksTls: reading.why !== "not TLS" });
      else if (reading.kind === "hello") settle(isName(reading.serverName, name) ? { bytes, protocols: reading.protocols } : { why: `it asks for the name ${reading.serverName}`, speaksTls: true });
    };
    const timer = setTimeout(() => settle({ why: "no ClientHello came in time", speaksTls: false }), deadlineMs);
    guest.on("data", onData).once("end", onEnd).once("close", onEnd);
  });
}

// TLS has no trailing dot
function isName(serverName: string, name: string): boolean {
  return !serverName.endsWith(".") && canonicalName(serverName) === name;
}
