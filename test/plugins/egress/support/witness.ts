import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { TestCertificate } from "./certificates.ts";

/** A server outside that writes down who came and what it heard; tests judge by it, not by what the client believes. */
export interface Witness {
  readonly port: number;
  connections(): number;
  heard(): string;
  end(): Promise<void>;
}

/** A witness for TCP that sends back what it hears. */
export async function echoWitness(): Promise<Witness> {
  return await open((count) => createServer({ allowHalfOpen: true }, count));
}

/** The same behind TLS. */
export async function tlsWitness({ cert, key }: TestCertificate): Promise<Witness> {
  return await open((count) => {
    const server = createTlsServer({ cert, key, ALPNProtocols: ["h2", "http/1.1"] }, (socket) => echo(socket, heardOf(server)));
    server.on("tlsClientError", () => {});
    server.on("connection", (socket: Socket) => count(socket, false));
    return server;
  });
}

const heard = new WeakMap<Server, string[]>();

function heardOf(server: Server): string[] {
  const list = heard.get(server) ?? [];
  heard.set(server, list);
  return list;
}

async function open(make: (count: (socket: Socket, echoes?: boolean) => void) => Server): Promise<Witness> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = make((socket, echoes = true) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => {});
    if (echoes) echo(socket, heardOf(server));
  });
  server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    heard: () => heardOf(server).join(""),
    async end() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function echo(socket: Socket, into: string[]): void {
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    if (into.length < 1000) into.push(chunk.toString("latin1"));
    if (!socket.write(chunk)) socket.pause();
  });
  socket.on("drain", () => socket.resume());
  socket.on("end", () => socket.end());
}
