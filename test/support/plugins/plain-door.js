// Serves bytes with no policy in the way: to the guest at a listener in the jail's network, where there is slirp and nothing else, and
// at a port of the host, for the gateway to dial. So the bench can tell what the gateway costs.
import { once } from "node:events";
import { createServer } from "node:net";
import { definePlugin, openDoorway } from "cloche";
import { z } from "zod";

const BLOCK = Buffer.alloc(64 * 1024, "x");

/** Does what the first line asks for: `down BYTES`, `up BYTES`, or `connect 0`, after which there is a byte as an answer. */
async function serve(socket) {
  let asked = "";
  while (!asked.includes("\n")) {
    const [chunk] = await once(socket, "data");
    asked += chunk.toString("latin1");
  }
  const [kind, size] = asked.split("\n")[0].split(" ");
  if (kind === "down") return await send(socket, Number(size));
  let left = kind === "up" ? Number(size) - (asked.length - asked.indexOf("\n") - 1) : 0;
  while (left > 0) left -= (await once(socket, "data"))[0].length;
  socket.end(".");
}

async function send(socket, size) {
  for (let left = size; left > 0; left -= BLOCK.length) {
    if (!socket.write(left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK)) await once(socket, "drain");
  }
  socket.end();
}

function accept(server) {
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    void serve(socket).catch(() => socket.destroy());
  });
}

export default definePlugin({
  name: "plain-door",
  description: "Bytes without a policy, for the bench.",
  options: z.strictObject({ insidePort: z.int().default(7001), hostPort: z.int().optional() }),
  onByDefault: true,
  boot(machine, { options, signal }) {
    machine.onNetwork(async (network, scope) => {
      const [door] = await openDoorway(network, [{ protocol: "tcp", address: "127.0.0.1", port: options.insidePort }], { scope, signal });
      accept(door);
      if (options.hostPort === undefined) return;
      const origin = createServer();
      await scope.defer("close the origin", () => void origin.close());
      accept(origin);
      await once(origin.listen(options.hostPort, "127.0.0.1"), "listening");
    });
  },
});
