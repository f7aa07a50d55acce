import type { Server, Socket } from "node:net";
import type { AddressBook } from "../../addresses/address-book.ts";
import { isLiteral, type Destination } from "../../names/destination.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Audit, Decision } from "../audit.ts";
import type { Dial } from "../dial.ts";
import type { Parts } from "../parts/parts.ts";
import { relayHttp } from "./http.ts";
import { relayRaw } from "./raw.ts";
import { relayTls } from "./tls.ts";

/** What deciding about connections needs. */
export interface Doorkeeper {
  readonly policy: Policy;
  readonly parts: Parts;
  readonly addresses: AddressBook;
  readonly dial: Dial;
  readonly audit: Audit;
  readonly deadlines: Deadlines;
}

/** How long a client may take to say what it wants, in milliseconds. */
export interface Deadlines {
  /** Until its ClientHello, or the head of its first request, has come. */
  readonly firstHeadMs: number;
  /** From the last answer to the head of the next request. */
  readonly nextHeadMs: number;
}

/** What a connection from the guest wants to reach; the policy has allowed it. */
export interface Target {
  readonly name: Destination;
  readonly port: number;
  /** Why it is allowed. */
  readonly why: string;
}

/** What became of a connection. */
export type Outcome = Pick<Decision, "verdict" | "why" | "address" | "sent" | "received">;

/** Serves one allowed connection to its end; it never rejects, and leaves the socket closed. */
export type Relay = (guest: Socket, target: Target, keeper: Doorkeeper) => Promise<Outcome>;

const MOST_CONNECTIONS = 2048;
const HTTP_PORT = 80;
const RELAYS: ReadonlyMap<number, Relay> = new Map([[443, relayTls], [HTTP_PORT, relayHttp]]);

let open = 0;

/** Decides about every connection that comes: by the address that was dialled it knows the name that was meant. */
export function serveConnections(server: Server, keeper: Doorkeeper): void {
  server.on("connection", (guest: Socket) => {
    guest.on("error", () => {}); // a relay that cares adds its own; none may end the gateway
    guest.setNoDelay(true);
    open += 1;
    guest.once("close", () => { open -= 1; });
    void serve(guest, keeper);
  });
}

async function serve(guest: Socket, keeper: Doorkeeper): Promise<void> {
  const started = performance.now();
  const { localAddress = "", localPort = 0 } = guest;
  const name = keeper.addresses.destinationOf(localAddress);
  const verdict = name ? keeper.policy.decide({ name, port: localPort }) : { allowed: false, why: "the address stands for no name" };
  const refusal = open > MOST_CONNECTIONS ? "too many connections at once" : verdict.allowed ? whyUnseen(name, localPort, keeper) : verdict.why;
  const record = (outcome: Outcome): void => {
    const durationMs = Math.round(performance.now() - started);
    keeper.audit.record({ kind: "connection", name: name ?? localAddress, port: localPort, ...outcome, durationMs });
  };
  if (name === undefined || refusal !== undefined) {
    guest.resetAndDestroy();
    return record({ verdict: "refused", why: refusal ?? verdict.why });
  }
  const denial = keeper.parts.none ? undefined : await keeper.parts.decide({ kind: "connection", name, port: localPort });
  if (denial) {
    guest.resetAndDestroy();
    return record({ verdict: "refused", why: denial.why });
  }
  const relay = RELAYS.get(localPort) ?? relayRaw;
  record(await relay(guest, { name, port: localPort, why: verdict.why }, keeper));
}

/** Rules about requests can be kept only where requests are seen. */
function whyUnseen(name: Destination | undefined, port: number, { policy }: Doorkeeper): string | undefined {
  const unseen = name !== undefined && port !== HTTP_PORT && !isLiteral(name) && policy.needsInterception(name, port);
  return unseen ? "its rule is about requests, which are not seen here" : undefined;
}
