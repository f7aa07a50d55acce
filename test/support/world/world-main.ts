// The witnesses of a world: they listen on every address there is and write down what arrives.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createReadStream, fstatSync, readFileSync } from "node:fs";
import { createServer as createWebServer } from "node:https";
import { createServer, type Socket } from "node:net";
import { join, normalize } from "node:path";
import { TCP_PORTS, UDP_PORTS, type Arrival, type Counters } from "./world.ts";

const WEB_PORT = 443;
const NAMES_PORT = 53;
const MOST_BYTES = 4096;
const HEADER_BYTES = 12;
const MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json";

interface Start {
  readonly certPem: string;
  readonly keyPem: string;
  readonly further: readonly { readonly name: string; readonly certPem: string; readonly keyPem: string }[];
  readonly folder: string;
  readonly farAway: string;
}

const arrivals: Arrival[] = [];

function note(protocol: Arrival["protocol"], what: string, bytes = ""): Arrival {
  const arrival = { protocol, what, bytes: bytes.slice(0, MOST_BYTES) };
  arrivals.push(arrival);
  return arrival;
}

function noteConnection(socket: Socket): Arrival {
  return note("tcp", `${socket.localAddress}:${socket.localPort}`);
}

async function listenTcp(port: number): Promise<void> {
  const server = createServer((socket) => {
    const arrival = noteConnection(socket);
    socket.on("error", () => {}).on("data", (chunk: Buffer) => { arrival.bytes = (arrival.bytes + chunk.toString("latin1")).slice(0, MOST_BYTES); });
  });
  await once(server.listen({ port, host: "0.0.0.0" }), "listening");
}

/** A web server for files, which is all that git needs to clone, and, with this type, Docker to pull. */
async function listenWeb({ certPem, keyPem, further, folder }: Start): Promise<void> {
  const server = createWebServer({ cert: certPem, key: keyPem }, (asked, answer) => {
    const path = normalize(decodeURIComponent((asked.url ?? "/").replace(/\?.*/, "")));
    note("https", `${asked.headers.host}${asked.url}`);
    const file = createReadStream(join(folder, path.endsWith("/") ? `${path}index.html` : path));
    file.once("error", () => answer.writeHead(404).end("no such file\n"));
    file.once("open", (handle) => {
      const about = fstatSync(handle);
      if (about.isFile()) answer.setHeader("content-length", about.size);
      file.pipe(answer.setHeader("content-type", typeOf(path)));
    });
  });
  for (const { name, certPem: cert, keyPem: key } of further) server.addContext(name, { cert, key });
  server.on("connection", (socket: Socket) => void noteConnection(socket));
  server.on("tlsClientError", () => {});
  await once(server.listen({ port: WEB_PORT, host: "0.0.0.0" }), "listening");
}

/** Clients of registries want to know what they get. */
function typeOf(path: string): string {
  if (path.includes("/manifests/")) return MANIFEST_TYPE;
  return path.endsWith("/") ? "text/html" : path.endsWith(".json") || !path.includes(".") ? "application/json" : "application/octet-stream";
}

async function listenUdp(port: number, farAway: string): Promise<void> {
  const socket = createSocket("udp4");
  socket.on("message", (message, from) => {
    note("udp", `port ${port}`, message.toString("latin1"));
    const answer = port === NAMES_PORT ? answerTo(message, farAway) : undefined;
    if (answer) socket.send(answer, from.port, from.address);
  });
  await once(socket.bind({ port, address: "0.0.0.0" }), "listening");
}

/** Every name is at one address, and has nothing else. */
function answerTo(query: Buffer, farAway: string): Buffer | undefined {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query[at] ?? 0; length > 0 && at < query.length; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  if (at + 5 > query.length) return undefined;
  note("name", labels.join("."));
  const wantsAddress = query.readUInt16BE(at + 1) === 1;
  const record = Buffer.from([0xc0, HEADER_BYTES, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...farAway.split(".").map(Number)]);
  const head = Buffer.from([query[0] ?? 0, query[1] ?? 0, 0x81, 0x80, 0, 1, 0, wantsAddress ? 1 : 0, 0, 0, 0, 0]);
  return Buffer.concat([head, query.subarray(HEADER_BYTES, at + 5), ...(wantsAddress ? [record] : [])]);
}

/** What the kernel counted in this network namespace since it exists. */
function counters(): Counters {
  const counted = (protocol: string, name: string): number => {
    const [names, values] = readFileSync("/proc/self/net/snmp", "utf8").split("\n").filter((line) => line.startsWith(`${protocol}: `)).map((line) => line.split(" "));
    const value = values?.[names?.indexOf(name) ?? -1];
    if (value === undefined) throw new Error(`the kernel does not count ${protocol} ${name}`);
    return Number(value);
  };
  return {
    connections: counted("Tcp", "PassiveOpens"),
    refusedConnections: counted("Tcp", "OutRsts"),
    datagrams: counted("Udp", "InDatagrams"),
    strayDatagrams: counted("Udp", "NoPorts"),
    icmp: counted("Icmp", "InMsgs"),
  };
}

process.once("disconnect", () => process.exit());
process.once("message", (start: Start) => {
  const tcp = TCP_PORTS.map((port) => (port === WEB_PORT ? listenWeb(start) : listenTcp(port)));
  const udp = UDP_PORTS.map((port) => listenUdp(port, start.farAway));
  void Promise.all([...tcp, ...udp]).then(() => {
    process.send?.("ready");
    process.on("message", () => process.send?.({ arrivals, counters: counters() }));
  });
});
