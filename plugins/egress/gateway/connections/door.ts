import type { Server, Socket } from "node:net";
import type { AddressBook } from "../../addresses/address-book.ts";
import type { Destination } from "../../names/destination.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Admission, Asker } from "../asking/asker.ts";
import type { Audit, Decision } from "../audit.ts";
import type { Dial } from "../dial.ts";
import type { Parts } from "../parts/parts.ts";
import { type Interception, isIntercepted } from "./interception.ts";
import { relayHttp } from "./http.ts";
import type { OpenConnection, OpenConnections } from "./open-connections.ts";
import { relayRaw } from "./raw.ts";
import { relayTls } from "./tls.ts";

/** What deciding about connections needs. */
export interface Doorkeeper {
  readonly policy: Policy;
  readonly parts: Parts;
  readonly addresses: AddressBook;
  readonly dial: Dial;
  readonly asker: Asker;
  readonly open: OpenConnections;
  readonly audit: Audit;
  readonly deadlines: Deadlines;
  readonly interception: Interception;
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
  /** The user said yes to this connection, which no rule covers; goes with every question about it. */
  readonly granted?: boolean;
  /** Whether its requests are to be seen, so that TLS is taken off. */
  readonly intercepted: boolean;
}

/** What became of a connection. */
export type Outcome = Pick<Decision, "verdict" | "why" | "rule" | "address" | "via" | "sent" | "received">;

/** Serves one allowed connection to its end; it never rejects, and leaves the socket closed. */
export type Relay = (guest: Socket, target: Target, keeper: Doorkeeper) => Promise<Outcome>;

const MOST_CONNECTIONS = 2048;
const HTTP_PORT = 80;
const RELAYS: ReadonlyMap<number, Relay> = new Map([[443, relayTls], [HTTP_PORT, relayHttp]]);

/** Decides about every connection that comes: by the address that was dialled it knows the name that was meant. */
export function serveConnections(server: Server, keeper: Doorkeeper): void {
  server.on("connection", (guest: Socket) => {
    guest.on("error", () => {}); // a relay that cares adds its own; none may end the gateway
    guest.setNoDelay(true);
    void serve(guest, keeper);
  });
}

async function serve(guest: Socket, keeper: Doorkeeper): Promise<void> {
  const started = performance.now();
  const { localAddress = "", localPort: port = 0 } = guest;
  const name = keeper.addresses.destinationOf(localAddress);
  const record = (outcome: Outcome): void => {
    const durationMs = Math.round(performance.now() - started);
    keeper.audit.record({ kind: "connection", name: name ?? localAddress, port, ...outcome, durationMs });
  };
  const refuse = (why: string): void => {
    guest.resetAndDestroy();
    record({ verdict: "refused", why });
  };
  if (name === undefined) return refuse("the address stands for no name");
  if (keeper.open.size >= MOST_CONNECTIONS) return refuse("too many connections at once");
  const connection = keeper.open.add(guest, name, port);
  const admission = await admit(connection, keeper);
  if (!admission.allowed) return refuse(admission.why);
  const intercepted = await isIntercepted(name, port, keeper);
  if (typeof intercepted === "object") return refuse(intercepted.why);
  if (guest.destroyed) return record({ verdict: "failed", why: connection.closedWhy ?? "it was hung up while you were asked" });
  connection.admitted = true;
  connection.seen = intercepted || port === HTTP_PORT;
  connection.granted = admission.granted ?? false;
  const relay = RELAYS.get(port) ?? (intercepted ? relayTls : relayRaw);
  const target: Target = { name, port, why: admission.why, granted: connection.granted, intercepted };
  const outcome = await relay(guest, target, { ...keeper, dial: noting(keeper.dial, connection) });
  const rule = admission.rule === undefined ? {} : { rule: admission.rule };
  const via = connection.via === undefined ? {} : { via: connection.via };
  record({ ...outcome, ...rule, ...via, ...(connection.closedWhy === undefined ? {} : { why: connection.closedWhy }) });
}

/** What the policy, the user where it leaves that open, and then other plugins' parts say of a connection. */
async function admit({ name, port }: OpenConnection, { policy, asker, parts }: Doorkeeper): Promise<Admission> {
  const decided = policy.decide({ name, port });
  const verdict = decided.ask === true ? await asker.hold(name, port) : decided;
  if (!verdict.allowed) return verdict;
  const denial = parts.none ? undefined : await parts.decide({ kind: "connection", name, port });
  return denial ? { allowed: false, why: denial.why } : verdict;
}

/** Dials for this connection, and notes on it where it went. */
function noting(dial: Dial, connection: OpenConnection): Dial {
  return async (name, port, signal, how) => {
    const dialled = await dial(name, port, signal, { ...how, granted: connection.granted });
    if ("socket" in dialled) {
      connection.via = dialled.via;
      connection.address = dialled.address === "" ? undefined : dialled.address;
    }
    return dialled;
  };
}
