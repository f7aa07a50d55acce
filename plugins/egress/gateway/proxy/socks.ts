import type { Socket } from "node:net";
import { parseIPv4, parseIPv6 } from "../../addresses/parse.ts";
import type { Destination } from "../../names/destination.ts";
import type { Proxy } from "../../proxy/settings.ts";
import type { BoundedReader } from "./bounded-reader.ts";

const VERSION = 5;
const NO_LOGIN = 0;
const WITH_LOGIN = 2;
const LOGIN_VERSION = 1;
const CONNECT = 1;
const KIND = { ipv4: 1, name: 3, ipv6: 4 } as const;
const REFUSALS: Readonly<Record<number, string>> = {
  1: "failed", 2: "does not allow it", 3: "cannot reach the network", 4: "cannot reach the host", 5: "was refused", 6: "waited too long", 7: "cannot do this", 8: "knows no such address",
};

/** Asks a SOCKS proxy to connect by name (RFC 1928, and RFC 1929 for a login). Throws what it says otherwise. */
export async function askSocks(socket: Socket, reader: BoundedReader, { login }: Proxy, destination: Destination, port: number): Promise<void> {
  socket.write(Buffer.from([VERSION, 1, login ? WITH_LOGIN : NO_LOGIN]));
  const [version, method] = await reader.bytes(2);
  if (version !== VERSION) throw new Error("the proxy does not speak SOCKS 5");
  if (method === WITH_LOGIN && login) {
    socket.write(Buffer.concat([Buffer.from([LOGIN_VERSION]), counted(login.user), counted(login.password)]));
    const [, status] = await reader.bytes(2);
    if (status !== 0) throw new Error("the proxy does not take the login");
  } else if (method !== NO_LOGIN || login) {
    throw new Error(login ? "the proxy takes no login" : "the proxy wants a login");
  }
  socket.write(Buffer.concat([Buffer.from([VERSION, CONNECT, 0]), addressOf(destination), Buffer.from([port >> 8, port & 255])]));
  const [, code = 1, , kind] = await reader.bytes(4);
  if (code !== 0) throw new Error(`the proxy ${REFUSALS[code] ?? `answered ${code}`}`);
  // where it bound itself says nothing to us
  const length = kind === KIND.ipv4 ? 4 : kind === KIND.ipv6 ? 16 : ((await reader.bytes(1))[0] ?? 0);
  await reader.bytes(length + 2);
}

function addressOf(destination: Destination): Buffer {
  const quad = parseIPv4(destination);
  if (quad) return Buffer.from([KIND.ipv4, ...quad]);
  const groups = parseIPv6(destination);
  if (groups) return Buffer.from([KIND.ipv6, ...groups.flatMap((group) => [group >> 8, group & 255])]);
  return Buffer.concat([Buffer.from([KIND.name]), counted(destination)]);
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length === 0 || bytes.length > 255) throw new Error("the proxy's login is too long or empty");
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}
