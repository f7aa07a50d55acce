// The gateway: the one process that dials for the guest. It ends with the IPC channel, so it never outlives the session.
import { Socket as UdpSocket } from "node:dgram";
import { Server } from "node:net";
import { AddressBook } from "../addresses/address-book.ts";
import { Policy } from "../policy/policy.ts";
import { isAboutRequests } from "../policy/rule.ts";
import { exactNames } from "../policy/rule-index.ts";
import { Asker } from "./asking/asker.ts";
import { AuditFile } from "./audit.ts";
import { serveConnections, type Doorkeeper } from "./connections/door.ts";
import { OpenConnections } from "./connections/open-connections.ts";
import { type Interception, NO_INTERCEPTION } from "./connections/interception.ts";
import { makeDial } from "./dial.ts";
import { makeResponder, type Responder } from "./dns/responder.ts";
import { serveTcp, serveUdp } from "./dns/servers.ts";
import { trustAlso } from "./extra-authorities.ts";
import { Link } from "./link.ts";
import { Parts } from "./parts/parts.ts";
import { PROTOCOL, type GatewayConfig, type GatewayQuestions, type PluginQuestions } from "./protocol.ts";
import { Refusals } from "./refusals.ts";
import { systemResolver } from "./resolver.ts";
import { Totals } from "./totals.ts";

interface Gateway {
  readonly totals: Totals;
  readonly keeper: Doorkeeper;
  readonly respond: Responder;
}

const ASK_MS = 60_000;
const DEADLINES = { firstHeadMs: 10_000, nextHeadMs: 60_000 };

let gateway: Gateway | undefined;

process.on("disconnect", () => {
  if (gateway) gateway.keeper.open.recordRest(gateway.keeper.audit);
  process.exit(0);
});
const link = new Link<GatewayQuestions, PluginQuestions>(process);
const parts = new Parts();
link.answer("start", async ({ protocol, config }) => {
  if (protocol !== PROTOCOL) throw new Error(`the gateway speaks protocol ${PROTOCOL}, the plugin ${protocol}`);
  const refusals = new Refusals(new AuditFile(config.auditFile, config.session), (refused) => link.tell("refused", refused));
  const audit = new Totals(refusals);
  for (const part of config.parts) await parts.load(part, { link, audit });
  const interception = await prepareInterception(config);
  gateway = open(config, audit, interception);
  return { authority: interception.authority?.pem };
});
link.answer("names-udp", (_, socket) => serveUdp(socketOf(socket, UdpSocket), running().respond));
link.answer("names-tcp", (_, socket) => serveTcp(halfOpen(socketOf(socket, Server)), running().respond));
link.answer("listener", (_, socket) => serveConnections(halfOpen(socketOf(socket, Server)), running().keeper));
link.answer("policy", (data) => {
  const { policy, asker, open, addresses } = running().keeper;
  policy.replace(data);
  asker.reconsider(policy);
  const names = exactNames(data.allow).map((name) => [name, addresses.addressOf(name) ?? ""]);
  return { closed: open.recheck(policy), addresses: Object.fromEntries(names) as Record<string, string> };
});
link.answer("answer", ({ id, yes }) => ({ found: running().keeper.asker.answer(id, yes) }));
link.answer("status", () => {
  const { keeper: { asker, open }, totals } = running();
  return { pending: asker.pending(), connections: open.list(), totals: totals.list() };
});
link.answer("part-question", ({ by, question }) => parts.answer(by, question));

/** Makes an authority when a rule or a part may want one. Node's TLS costs time and memory, so it is loaded for that alone. */
async function prepareInterception({ policy, upstreams, trusted = [] }: GatewayConfig): Promise<Interception> {
  if (!parts.mayIntercept && ![...policy.allow, ...policy.deny].some(isAboutRequests)) return NO_INTERCEPTION;
  const [{ Authority }, { hostTrust }] = await Promise.all([import("./tls/authority.ts"), import("./tls/host-trust.ts")]);
  const byUpstream = upstreams.flatMap(({ target, ca }) => (ca === undefined ? [] : [{ target, ca }]));
  const plain = new Set(upstreams.flatMap(({ target, plain }) => (plain === true ? [target] : [])));
  return { authority: new Authority(), contextFor: hostTrust([...byUpstream, ...trusted]), plain };
}

function open({ policy: data, upstreams, proxies, authorities = [], askMs = ASK_MS }: GatewayConfig, audit: Totals, interception: Interception): Gateway {
  trustAlso(authorities);
  const addresses = new AddressBook(exactNames(data.allow));
  const policy = new Policy(data);
  const dial = makeDial({ policy, upstreams, resolve: systemResolver(), ...(proxies ? { proxies } : {}) });
  const asker = new Asker({ timeoutMs: askMs, onAsked: (pending) => link.tell("asked", pending) });
  const keeper = { policy, parts, addresses, dial, asker, open: new OpenConnections(), audit, deadlines: DEADLINES, interception };
  return { keeper, totals: audit, respond: makeResponder(policy, addresses, audit) };
}

function running(): Gateway {
  if (!gateway) throw new Error("the gateway has not been started");
  return gateway;
}

function socketOf<S>(socket: unknown, kind: new (...args: never[]) => S): S {
  if (!(socket instanceof kind)) throw new Error("the socket is missing");
  return socket;
}

/** A server that came over IPC closes a connection in both directions when the peer closes one; a relay must not. */
function halfOpen(server: Server): Server {
  return Object.assign(server, { allowHalfOpen: true });
}
