import { connect as connectTcp, isIPv6, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Destination } from "../../names/destination.ts";
import type { Proxy } from "../../proxy/settings.ts";
import { hostAuthorities } from "../host-authorities.ts";
import { BoundedReader } from "./bounded-reader.ts";
import { askSocks } from "./socks.ts";

const DEADLINE_MS = 30_000;
const LARGEST_HEAD = 16_384;
const KEEP_ALIVE_MS = 60_000;

/**
 * Opens a connection to the destination through a proxy of the host's network, which resolves the name itself. The proxy's
 * login goes to the proxy and nowhere else. Throws an error that says what the proxy answered; stops when the signal aborts.
 */
export async function connectThrough(proxy: Proxy, destination: Destination, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = open(proxy);
  socket.on("error", () => {}); // whoever takes it over adds its own; between the two an error must not end the gateway
  const give = (why: string) => () => void socket.destroy(new Error(why));
  const timer = setTimeout(give("no answer in time"), DEADLINE_MS);
  const onAbort = give("the guest hung up");
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const reader = new BoundedReader(socket, LARGEST_HEAD);
    if (proxy.kind === "socks5") await askSocks(socket, reader, proxy, destination, port);
    else await askHttp(socket, reader, proxy, destination, port);
    reader.release();
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

function open({ kind, host, port }: Proxy): Socket {
  const options = { host, port, allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
  if (kind !== "https") return connectTcp(options);
  return connectTls({ ...options, ca: [...hostAuthorities()], ALPNProtocols: ["http/1.1"], ...(isIPv6(host) ? {} : { servername: host }) });
}

async function askHttp(socket: Socket, reader: BoundedReader, { login }: Proxy, destination: Destination, port: number): Promise<void> {
  const authority = `${isIPv6(destination) ? `[${destination}]` : destination}:${port}`;
  const credentials = login && Buffer.from(`${login.user}:${login.password}`).toString("base64");
  const authorization = credentials === undefined ? "" : `Proxy-Authorization: Basic ${credentials}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`);
  const head = (await reader.until("\r\n\r\n")).toString("latin1");
  const [, status] = /^HTTP\/1\.[01] ([0-9]{3})(?: |\r\n)/.exec(head) ?? [];
  if (status === undefined) throw new Error("the proxy's answer is not HTTP");
  if (!status.startsWith("2")) throw new Error(`the proxy answered ${status}`);
}
