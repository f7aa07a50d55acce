import type { Socket } from "node:net";
import type { CanonicalName } from "../../names/canonical-name.ts";
import type { Authority } from "../tls/authority.ts";
import { openTls } from "../tls/guest-side.ts";
import { secureDial, type Secured } from "../tls/host-side.ts";
import type { Doorkeeper, Outcome, Target } from "./door.ts";
import type { Greeting } from "./interception.ts";

const H2 = "h2";
const HTTP_1 = "http/1.1";

/**
 * Speaks TLS with both ends of a connection, and HTTP between them. The host is asked first, so that the client is offered what
 * the host speaks, HTTP/2 or 1.1, and nothing has to be translated; a host that cannot be trusted is told to the client as an answer.
 */
export async function intercept(guest: Socket, target: Target & { readonly name: CanonicalName }, keeper: Doorkeeper, { bytes, protocols }: Greeting): Promise<Outcome> {
  const { interception: { authority, contextFor, plain }, dial, deadlines } = keeper;
  if (!authority) throw new Error("there is no authority to intercept with");
  if (plain.has(`${target.name}:${target.port}`)) return await interceptForPlain(guest, target, keeper, { bytes, protocols }, authority);
  const hungUp = new AbortController();
  guest.once("close", () => hungUp.abort());
  const hostSide = { dial, contextFor };
  const { mayOpen, serve } = protocols.includes(H2) ? await import("../http2/relay.ts") : { mayOpen: () => false, serve: undefined };
  const spoken = [H2, HTTP_1].filter((protocol) => protocols.includes(protocol) && (protocol !== H2 || mayOpen() || !protocols.includes(HTTP_1)));
  const host = await secureDial(target, hostSide, spoken.length > 0 ? spoken : [HTTP_1], hungUp.signal);
  const agreed = "why" in host ? (spoken.at(-1) ?? HTTP_1) : host.socket.alpnProtocol || HTTP_1;
  const opened = await openTls(guest, bytes, authority.contextFor(target.name), protocols.length > 0 ? [agreed] : [], deadlines.firstHeadMs);
  if ("why" in opened) {
    if ("socket" in host) host.socket.destroy();
    return { verdict: "failed", why: opened.why, ...("address" in host ? { address: host.address } : {}) };
  }
  if (agreed === H2 && serve) return await serve(opened.socket, target, keeper, host);
  const { HttpRelay } = await import("../http/relay.ts");
  const connect = reuseFirst(host, async (signal) => await secureDial(target, hostSide, [HTTP_1], signal));
  return await new HttpRelay(opened.socket, target, keeper, true, connect).ended;
}

/** The same for a host that speaks plain HTTP: the guest's side alone has TLS. */
async function interceptForPlain(guest: Socket, target: Target & { readonly name: CanonicalName }, keeper: Doorkeeper, { bytes, protocols }: Greeting, authority: Authority): Promise<Outcome> {
  const opened = await openTls(guest, bytes, authority.contextFor(target.name), protocols.length > 0 ? [HTTP_1] : [], keeper.deadlines.firstHeadMs);
  if ("why" in opened) return { verdict: "failed", why: opened.why };
  const { HttpRelay } = await import("../http/relay.ts");
  return await new HttpRelay(opened.socket, target, keeper, true, async (signal) => await keeper.dial(target.name, target.port, signal)).ended;
}

/** Gives out a connection that there is already, once and while it is good; then new ones. */
function reuseFirst(first: Secured, connect: (signal: AbortSignal) => Promise<Secured>): (signal: AbortSignal) => Promise<Secured> {
  let held: Secured | undefined = first;
  return async (signal) => {
    const given = held;
    held = undefined;
    const usable = given && ("why" in given || (given.socket.writable && given.socket.readable));
    return usable ? given : await connect(signal);
  };
}
