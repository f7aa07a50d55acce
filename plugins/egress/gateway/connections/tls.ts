import type { Socket } from "node:net";
import { canonicalName } from "../../names/canonical-name.ts";
import { readClientHello } from "./client-hello.ts";
import type { Doorkeeper, Outcome, Target } from "./door.ts";
import { ALERT, refuseWithAlert } from "./refuse.ts";
import { relayBytes } from "./raw.ts";

const HELLO_MS = 10_000;

/** A ClientHello that asks for the right name, with all bytes that came so far, or why the connection is refused. */
type Opening = { readonly bytes: Buffer } | { readonly why: string; readonly alert?: (typeof ALERT)[keyof typeof ALERT] };

/** Lets TLS through untouched when its ClientHello asks for the very name that the connection was made to. */
export async function relayTls(guest: Socket, target: Target, keeper: Doorkeeper): Promise<Outcome> {
  const opening = await readOpening(guest, target.name);
  if ("bytes" in opening) return await relayBytes(guest, target, keeper, opening.bytes);
  if (opening.alert !== undefined) refuseWithAlert(guest, opening.alert);
  else guest.resetAndDestroy();
  return { verdict: "refused", why: opening.why };
}

async function readOpening(guest: Socket, name: string): Promise<Opening> {
  return await new Promise((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);
    const settle = (opening: Opening): void => {
      clearTimeout(timer);
      guest.removeListener("data", onData).removeListener("end", onEnd).removeListener("close", onEnd);
      guest.pause();
      resolve(opening);
    };
    const onEnd = (): void => settle({ why: "it ended before it named a host" });
    const onData = (chunk: Buffer): void => {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
      const reading = readClientHello(bytes);
      if (reading.kind === "bad") settle(whatIsBad(reading.why));
      else if (reading.kind === "hello") settle(judge(reading.serverName, reading.encryptedHello, name) ?? { bytes });
    };
    const timer = setTimeout(() => settle({ why: "no ClientHello came in time" }), HELLO_MS);
    guest.on("data", onData).once("end", onEnd).once("close", onEnd);
  });
}

function whatIsBad(why: string): Opening {
  return why === "not TLS" ? { why } : { why, alert: ALERT.unrecognizedName };
}

// An encrypted ClientHello names its real host where nobody but the server can read it; letting it pass would be asking the guest.
function judge(serverName: string, encryptedHello: boolean, name: string): Opening | undefined {
  if (encryptedHello) return { why: "its real name is encrypted (ECH)", alert: ALERT.accessDenied };
  const asked = serverName.endsWith(".") ? undefined : canonicalName(serverName);
  return asked === name ? undefined : { why: `it asks for the name ${serverName}`, alert: ALERT.unrecognizedName };
}
