import type { Socket as UdpSocket } from "node:dgram";
import type { Server, Socket } from "node:net";
import type { Responder } from "./responder.ts";

const MOST_CONNECTIONS = 64;
const IDLE_MS = 10_000;
const PREFIX_BYTES = 2; // RFC 1035 4.2.2: over TCP each message follows its length

/** Answers queries that come as datagrams. */
export function serveUdp(socket: UdpSocket, respond: Responder): void {
  socket.on("message", (message, from) => {
    const answer = respond(message);
    if (answer) socket.send(answer, from.port, from.address, () => {}); // an asker that is gone needs no answer
  });
}

/** Answers queries that come over connections, each connection for as long as it keeps asking. */
export function serveTcp(server: Server, respond: Responder): void {
  let open = 0;
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => socket.destroy());
    if (open >= MOST_CONNECTIONS) return void socket.resetAndDestroy();
    open += 1;
    socket.on("close", () => { open -= 1; });
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    serveConnection(socket, respond);
  });
}

function serveConnection(socket: Socket, respond: Responder): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + held.readUInt16BE(0);
      if (held.length < end) break;
      reply(socket, respond(held.subarray(PREFIX_BYTES, end)));
      held = held.subarray(end);
    }
  });
  socket.on("drain", () => socket.resume());
  socket.on("end", () => socket.end());
}

function reply(socket: Socket, answer: Buffer | undefined): void {
  if (!answer) return void socket.destroy();
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt16BE(answer.length);
  if (!socket.write(Buffer.concat([prefix, answer]))) socket.pause();
}
