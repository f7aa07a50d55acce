// Runs inside the jail's network for a moment: opens the sockets it is sent, request by request, and answers with their handles.
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import type { DoorSpec } from "./doorway.ts";

/** What the child says of each spec, in order, beside the handle: nothing, or why it could not be opened. */
export interface DoorAnswer {
  readonly error?: string;
}

process.on("disconnect", () => process.exit());
// Node keeps the disconnect back while a handle is under way to somebody who has ended; this pipe closes all the same.
process.stdin.on("end", () => process.exit()).on("error", () => process.exit()).resume();
let last = Promise.resolve();
process.on("message", (specs) => {
  last = last.then(() => answer(specs as readonly DoorSpec[]));
});

async function answer(specs: readonly DoorSpec[]): Promise<void> {
  for (const spec of specs) {
    try {
      const door = await open(spec);
      // our copy goes as soon as theirs is under way: what connects is not for us
      process.send?.({} satisfies DoorAnswer, door, undefined, () => door.close());
    } catch (error) {
      process.send?.({ error: String(error) } satisfies DoorAnswer);
    }
  }
}

async function open({ protocol, address, port }: DoorSpec): Promise<Server | Socket> {
  if (protocol === "tcp") {
    const server = createServer().listen({ host: address, port });
    await once(server, "listening");
    return server;
  }
  const socket = createSocket("udp4");
  socket.bind({ address, port });
  await once(socket, "listening");
  return socket;
}
