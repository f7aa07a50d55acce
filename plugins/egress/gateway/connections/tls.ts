import type { Socket } from "node:net";
import { canonicalName } from "../../names/canonical-name.ts";
import { isLiteral, literalAddress, type Destination } from "../../names/destination.ts";
import { readClientHello } from "./client-hello.ts";
import type { Doorkeeper, Outcome, Target } from "./door.ts";
import type { Greeting } from "./interception.ts";
import { refuseName } from "./refuse.ts";
import { relayBytes } from "./raw.ts";

/** A ClientHello that asks for the right name, with all bytes that came so far, or why the connection is refused. */
type Opening = Greeting | { readonly why: string; readonly speaksTls: boolean };

/**
 * Lets TLS through, untouched unless it is to be intercepted, when its ClientHello asks for the very name that the connection was
 * made to; to a bare address it asks for none, since whoever lives there under many names would then be reached under any of them. A
 * name that is hidden in an encrypted ClientHello beside it goes the way of every name said later: it is the host's to honour or not.
 */
export async function relayTls(guest: Socket, target: Target, keeper: Doorkeeper): Promise<Outcome> {
  const { name } = target;
  const opening = await readOpening(guest, name, keeper.deadlines.firstHeadMs);
  if ("bytes" in opening) {
    if (!target.intercepted || isLiteral(name)) return await relayBytes(guest, target, keeper, opening.bytes);
    const { intercept } = await import("./intercept.ts"); // Node's TLS costs memory that most sessions may not need
    return await intercept(guest, { ...target, name }, keeper, opening);
  }
  if (opening.speaksTls) refuseName(guest);
  else guest.resetAndDestroy();
  return { verdict: "refused", why: opening.why };
}

async function readOpening(guest: Socket, name: Destination, deadlineMs: number): Promise<Opening> {
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
      if (reading.kind !== "hello") return;
      const why = whyUnfit(reading.serverName, name);
      settle(why === undefined ? { bytes, protocols: reading.protocols } : { why, speaksTls: true });
    };
    const timer = setTimeout(() => settle({ why: "no ClientHello came in time", speaksTls: false }), deadlineMs);
    guest.on("data", onData).once("end", onEnd).once("close", onEnd);
  });
}

/** Why a greeting that asks for this name may not go to the destination; undefined when it may. */
function whyUnfit(serverName: string | undefined, destination: Destination): string | undefined {
  if (isLiteral(destination)) {
    // names alone belong there (RFC 6066 3), yet some clients write the address
    return serverName === undefined || literalAddress(serverName) === destination ? undefined : `it asks an address for the name ${serverName}, which has to be connected to by itself`;
  }
  if (serverName === undefined) return "a ClientHello without a name";
  // TLS has no trailing dot
  return !serverName.endsWith(".") && canonicalName(serverName) === destination ? undefined : `it asks for the name ${serverName}`;
}
