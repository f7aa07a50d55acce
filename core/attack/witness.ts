import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import type { Disposers } from "../support/disposers.ts";

/** What a witness says to who reaches it. */
export const GREETING = "a witness on the host";

/** A server on the host's loopback that counts who reaches it: what the guest says of its attempts proves nothing. */
export interface Witness {
  readonly port: number;
  /** Connections or datagrams so far. */
  reached(): number;
}

/** Listens for connections at 127.0.0.1. */
export async function tcpWitness(scope: Disposers): Promise<Witness> {
  let reached = 0;
  const server = createServer((socket) => {
    reached += 1;
    socket.on("error", () => {}).end(`${GREETING}\n`);
  }).listen(0, "127.0.0.1");
  await scope.defer("the witness for TCP", () => server.close());
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, reached: () => reached };
}

/** Listens for datagrams at every address of the host, and answers none. */
export async function udpWitness(scope: Disposers): Promise<Witness> {
  let reached = 0;
  const socket = createSocket("udp4", () => (reached += 1));
  await scope.defer("the witness for UDP", () => void socket.close());
  socket.bind(0, "0.0.0.0");
  await once(socket, "listening");
  return { port: socket.address().port, reached: () => reached };
}
