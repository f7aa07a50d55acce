import { connect, type Socket } from "node:net";
import { isLiteral, type Destination } from "../names/destination.ts";
import type { Policy } from "../policy/policy.ts";
import type { Pump } from "./connections/pump.ts";
import type { Upstream } from "../policy/upstream.ts";
import { isExcepted } from "../proxy/exceptions.ts";
import type { Proxy, ProxySettings } from "../proxy/settings.ts";
import type { Resolve } from "./resolver.ts";

/** A connection outwards, the address it went to (empty when only a proxy knows), the proxy or option that chose it, whether what it receives goes to the pump; or why there is none. */
export type Dialled =
  | { readonly socket: Socket; readonly address: string; readonly via?: string; readonly pumped?: true }
  | { readonly why: string; readonly refused: boolean };

/**
 * Connects to a name and port that the policy allowed, or the user for this once. Never throws; stops when the signal aborts.
 */
export type Dial = (name: Destination, port: number, signal: AbortSignal, how?: DialOptions) => Promise<Dialled>;

/** What differs from one connection to another. */
export interface DialOptions {
  /** The user said yes to this one, which no rule covers. */
  readonly granted?: boolean;
  /** Shall get what the socket receives, from its `start` on; where that cannot be, the socket is an ordinary one. */
  readonly pump?: Pump;
}

const NO_PROXIES: ProxySettings = { except: [] };
const HTTP_PORT = 80;
const CONNECT_MS = 10_000;
const MOST_ADDRESSES = 4;
const KEEP_ALIVE_MS = 60_000;

/** What dialling needs. */
export interface Dialling {
  readonly policy: Policy;
  readonly upstreams: readonly Upstream[];
  readonly resolve: Resolve;
  /** By which the host itself goes out. */
  readonly proxies?: ProxySettings;
}

/**
 * Makes the only thing in cloche that dials for the guest. The name is resolved when the connection is wanted, every answer is
 * decided about, one that may not be dialled refuses them all, and the connection goes to the very address that was checked. A
 * proxy is told the name instead, and finds the address itself: then the check holds for what the host's DNS says, if it says anything.
 */
export function makeDial({ policy, upstreams, resolve, proxies = NO_PROXIES }: Dialling): Dial {
  const elsewhere = new Map(upstreams.map((upstream) => [upstream.target, upstream]));
  return async (name, port, signal, { granted = false, pump } = {}) => {
    const upstream = elsewhere.get(`${name}:${port}`);
    if (upstream?.address !== undefined) return bySomebody(await tryEach([upstream.address], upstream.port, signal, pump), "egress.upstreams");
    const itsPort = upstream?.port ?? port;
    const proxy = isExcepted(name, itsPort, proxies.except) ? undefined : itsPort === HTTP_PORT ? proxies.plain : proxies.secure;
    let addresses: readonly string[] = [];
    try {
      addresses = isLiteral(name) ? [name] : await resolve(name);
    } catch (error) {
      if (!proxy) return { why: `cannot be resolved: ${messageOf(error)}`, refused: false };
    }
    const refusal = addresses.map((address) => policy.decide({ name, port, address, granted })).find(({ allowed }) => !allowed);
    if (refusal) return { why: refusal.why, refused: true };
    if (proxy) return await byProxy(proxy, name, itsPort, addresses[0] ?? "", signal);
    return await tryEach(addresses.slice(0, MOST_ADDRESSES), itsPort, signal, pump);
  };
}

function bySomebody(dialled: Dialled, via: string): Dialled {
  return "socket" in dialled ? { ...dialled, via } : dialled;
}

async function byProxy(proxy: Proxy, name: Destination, port: number, address: string, signal: AbortSignal): Promise<Dialled> {
  const via = `${proxy.host}:${proxy.port}`;
  try {
    const { connectThrough } = await import("./proxy/through.ts"); // brings TLS with it, which takes a third of the gateway's start
    return { socket: await connectThrough(proxy, name, port, signal), address, via };
  } catch (error) {
    return { why: `cannot be reached by the proxy ${via}: ${messageOf(error)}`, refused: false };
  }
}

async function tryEach(addresses: readonly string[], port: number, signal: AbortSignal, pump: Pump | undefined): Promise<Dialled> {
  let why = "has no address";
  for (const address of addresses) {
    if (signal.aborted) return { why: "the guest hung up", refused: false };
    try {
      return { socket: await connectTo(address, port, signal, pump), address, ...(pump ? { pumped: true } : {}) };
    } catch (error) {
      why = `cannot be reached at ${address}: ${messageOf(error)}`;
    }
  }
  return { why, refused: false };
}

async function connectTo(address: string, port: number, signal: AbortSignal, pump: Pump | undefined): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    const options = { host: address, port, allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
    const socket = connect({ ...options, ...(pump ? { onread: pump.onread } : {}) });
    if (pump) socket.pause(); // it would read before there is anyone to pass it to
    socket.on("error", () => {}); // whoever takes the socket over adds its own; between the two an error must not end the gateway
    const give = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => give(new Error("the guest hung up"));
    const timer = setTimeout(() => give(new Error("no answer in time")), CONNECT_MS);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("error", give);
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.removeListener("error", give);
    };
    socket.once("close", settle);
    socket.once("connect", () => {
      settle();
      resolve(socket);
    });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
