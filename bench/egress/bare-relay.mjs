// What the gateway is compared with: TLS taken off and put on again in Node, with no HTTP between. Prints its port.
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:tls";

const [, , cert, key, ca, port] = process.argv;
const server = createServer({ cert: readFileSync(cert), key: readFileSync(key), ALPNProtocols: ["http/1.1"] }, (inner) => {
  const outer = connect({ host: "127.0.0.1", port: Number(port), servername: "bench.test", ca: readFileSync(ca), ALPNProtocols: ["http/1.1"] });
  for (const socket of [inner, outer]) socket.on("error", () => {});
  inner.pipe(outer).pipe(inner);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
