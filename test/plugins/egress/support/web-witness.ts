import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createSecureServer } from "node:http2";
import { createServer } from "node:https";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { TestCertificate } from "./certificates.ts";

/** A request as a witness outside heard it. */
export interface Heard {
  readonly version: string;
  /** Method, host and path. */
  readonly head: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: Readonly<Record<string, string | undefined>>;
  /** The name in the ClientHello. */
  readonly serverName: string | false | undefined;
}

/** A web server outside, over TLS, with HTTP/2 and 1.1. */
export interface WebWitness {
  readonly port: number;
  readonly heard: Heard[];
  /** Paths of the heads that came, whatever became of the bodies. */
  readonly arrived: (string | undefined)[];
  connections(): number;
  /** Lets a stream of events go on. */
  tick(): void;
  end(): Promise<void>;
}

/** What "/gzip" answers. */
export const ZIPPED = gzipSync("compressed ".repeat(1000));

/** Opens one that speaks these protocols and answers by path: with a file below the folder, or as it is told below. */
export async function webWitness({ cert, key }: TestCertificate, protocols: readonly ("h2" | "http/1.1")[] = ["h2", "http/1.1"], files?: string): Promise<WebWitness> {
  const heard: Heard[] = [];
  const arrived: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const waiting: ServerResponse[] = [];
  let connections = 0;
  const server = protocols.includes("h2") ? createSecureServer({ cert, key, allowHTTP1: protocols.includes("http/1.1") }) : createServer({ cert, key });
  server.on("connection", (socket: Socket) => {
    connections += 1;
    sockets.add(socket.on("error", () => {}));
  });
  const listen = async (asked: IncomingMessage, answer: ServerResponse): Promise<void> => {
    arrived.push(asked.url);
    let body = "";
    for await (const chunk of asked) body += String(chunk);
    const host = asked.headers.host ?? asked.headers[":authority"];
    const serverName = (asked.socket as { servername?: string | false }).servername;
    heard.push({ version: asked.httpVersion, head: `${asked.method} ${host}${asked.url}`, headers: asked.headers, body, trailers: asked.trailers, serverName });
    const file = files === undefined ? undefined : join(files, (asked.url ?? "").replace(/\?.*/, ""));
    if (file !== undefined && existsSync(file) && statSync(file).isFile()) return void answer.end(readFileSync(file));
    reply(asked, answer, body, waiting);
  };
  server.on("request", (asked: unknown, answer: unknown) => void listen(asked as IncomingMessage, answer as ServerResponse).catch(() => {}));
  server.on("upgrade", (asked: IncomingMessage, socket: Socket) => {
    heard.push({ version: asked.httpVersion, head: `${asked.method} ${asked.headers.host}${asked.url}`, headers: asked.headers, body: "", trailers: {}, serverName: undefined });
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nfirst;");
    socket.on("data", (chunk: Buffer) => socket.write(`echo ${String(chunk)};`)).on("end", () => socket.end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    arrived,
    connections: () => connections,
    tick: () => { for (const answer of waiting) answer.write("data: next\n\n"); },
    async end() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function reply(asked: IncomingMessage, answer: ServerResponse, body: string, waiting: ServerResponse[]): void {
  if (asked.url === "/events") {
    answer.writeHead(200, { "content-type": "text/event-stream" });
    answer.write("data: first\n\n");
    return void waiting.push(answer);
  }
  if (asked.url === "/gzip") return void answer.writeHead(200, { "content-encoding": "gzip", "content-length": ZIPPED.length }).end(ZIPPED);
  if (asked.url === "/big") return void answer.end(Buffer.alloc(8 * 1024 * 1024, "x"));
  if (asked.url?.endsWith("/missing") || asked.url?.startsWith("/repository.git/")) return void answer.writeHead(404).end();
  if (asked.url === "/empty") return void answer.writeHead(204).end();
  if (asked.url === "/redirect") return void answer.writeHead(302, { location: "https://denied.test/" }).end();
  answer.setHeader("x-header", "kept");
  answer.setHeader("set-cookie", ["a=1", "b=2"]);
  if (asked.url === "/trailers") {
    answer.setHeader("trailer", "x-after");
    answer.write("body");
    answer.addTrailers({ "x-after": "the body" });
    return void answer.end();
  }
  answer.end(`answer to ${asked.url}${body === "" ? "" : ` and ${body.length} bytes`}`);
}
