import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** Stands between client and server, and cuts connections as a bad line does. */
export async function breakableProxy(target: string, path: string) {
  const sockets = new Set<Socket>();
  let broken = 0;
  let refusing = false;
  const server = createServer((near) => {
    if (refusing) return near.destroy();
    const far = connect(target);
    for (const [one, other] of [[near, far], [far, near]] as const) {
      sockets.add(one);
      one.on("error", () => {}).on("close", () => { sockets.delete(one); other.destroy(); });
      one.pipe(other);
    }
  });
  server.listen(path);
  await once(server, "listening");
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
    broken++;
  };
  return {
    path, breakAll,
    broken: () => broken,
    hold() { refusing = true; breakAll(); },
    goOn() { refusing = false; },
    refuse() { refusing = true; server.close(); breakAll(); },
    async [Symbol.asyncDispose]() { breakAll(); server.close(); },
  };
}
