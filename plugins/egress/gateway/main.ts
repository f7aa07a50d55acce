// The gateway: the one process that dials for the guest. It ends with the IPC channel, so it never outlives the session.
import { Socket as UdpSocket } from "node:dgram";
import { Server } from "node:net";
import { AddressBook } from "../addresses/address-book.ts";
import { Policy } from "../policy/policy.ts";
import { exactNames } from "../policy/rule-index.ts";
import { AuditFile } from "./audit.ts";
import { serveConnections, type Doorkeeper } from "./connections/door.ts";
import { makeDial } from "./dial.ts";
import { makeResponder, type Responder } from "./dns/responder.ts";
import { serveTcp, serveUdp } from "./dns/servers.ts";
import { PROTOCOL, type FromGateway, type GatewayConfig, type ToGateway } from "./protocol.ts";
import { systemResolver } from "./resolver.ts";

interface Gateway {
  readonly keeper: Doorkeeper;
  readonly respond: Responder;
}

const DEADLINES = { firstHeadMs: 10_000, nextHeadMs: 60_000 };

let gateway: Gateway | undefined;

process.on("disconnect", () => process.exit(0));
process.on("message", (message, handle) => {
  const wanted = message as ToGateway;
  try {
    handleMessage(wanted, handle);
    answer({ id: wanted.id });
  } catch (error) {
    answer({ id: wanted.id, error: String(error) });
  }
});

function handleMessage(message: ToGateway, handle: unknown): void {
  if (message.kind === "start") {
    if (message.protocol !== PROTOCOL) throw new Error(`the gateway speaks protocol ${PROTOCOL}, the plugin ${message.protocol}`);
    gateway = open(message.config);
    return;
  }
  if (!gateway) throw new Error(`"${message.kind}" came before "start"`);
  if (message.kind === "names-udp" && handle instanceof UdpSocket) serveUdp(handle, gateway.respond);
  else if (message.kind === "names-tcp" && handle instanceof Server) serveTcp(halfOpen(handle), gateway.respond);
  else if (message.kind === "listener" && handle instanceof Server) serveConnections(halfOpen(handle), gateway.keeper);
  else throw new Error(`"${message.kind}" came without its socket`);
}

function open({ session, policy: data, upstreams, auditFile }: GatewayConfig): Gateway {
  const audit = new AuditFile(auditFile, session);
  const addresses = new AddressBook(exactNames(data.allow));
  const policy = new Policy(data);
  const dial = makeDial({ policy, upstreams, resolve: systemResolver() });
  return { keeper: { policy, addresses, dial, audit, deadlines: DEADLINES }, respond: makeResponder(policy, addresses, audit) };
}

/** A server that came over IPC closes a connection in both directions when the peer closes one; a relay must not. */
function halfOpen(server: Server): Server {
  return Object.assign(server, { allowHalfOpen: true });
}

function answer(message: FromGateway): void {
  process.send?.(message, undefined, {}, () => {}); // when the plugin is gone, "disconnect" follows
}
