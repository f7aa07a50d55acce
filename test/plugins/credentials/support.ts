import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Contribution } from "../../../plugins/egress/parts.ts";
import type { GatewayOptions } from "../../../plugins/credentials/gateway/options.ts";
import { makeCertificate, type TestCertificate } from "../egress/support/certificates.ts";
import { exchange, openTls } from "../egress/support/clients.ts";
import { startEgress, type TestEgress } from "../egress/support/egress.ts";

/** A request as a server outside heard it, to its end. */
export interface Heard {
  readonly head: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A server outside with TLS that writes down what it hears and answers as the test says. */
export interface TestServer {
  readonly port: number;
  readonly heard: Heard[];
  /** Requests whose end never came. */
  readonly broken: string[];
  readonly server: Server;
}

/** How it answers. */
export type Answerer = (heard: Heard, answer: ServerResponse) => void;

/** Starts such a server. */
export async function testServer(certificate: TestCertificate, answerer: Answerer): Promise<TestServer> {
  const heard: Heard[] = [];
  const broken: string[] = [];
  const server = createServer({ cert: certificate.cert, key: certificate.key }, (asked, answer) => {
    const head = `${asked.method} ${asked.headers.host}${asked.url}`;
    const pieces: Buffer[] = [];
    asked.on("data", (piece: Buffer) => pieces.push(piece)).on("error", () => {});
    asked.on("close", () => { if (!asked.complete) broken.push(head); });
    asked.on("end", () => {
      const whole = { head, headers: asked.headers, body: Buffer.concat(pieces).toString("latin1") };
      heard.push(whole);
      answerer(whole, answer);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, heard, broken, server };
}

/** The gateway with our part in it, and a server outside for each name. */
export interface TestGateway {
  readonly egress: TestEgress;
  readonly servers: Readonly<Record<string, TestServer>>;
  readonly authority: string;
  /** Sends one request over TLS (or plain, on port 80) from inside, and answers all that comes back. */
  send(name: string, head: string, options?: { readonly headers?: readonly string[]; readonly body?: string | Buffer; readonly plain?: boolean }): Promise<string>;
  end(): Promise<void>;
}

/** Starts all of it. */
export async function testGateway(options: GatewayOptions, answerers: Readonly<Record<string, Answerer>>, answer: NonNullable<Contribution["answer"]> = () => undefined): Promise<TestGateway> {
  const names = Object.keys(answerers);
  const certificate = makeCertificate(names);
  const servers = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await testServer(certificate, answerers[name] ?? (() => {}))] as const)));
  const upstreams = names.map((name) => ({ target: `${name}:443`, address: "127.0.0.1", port: servers[name]?.port ?? 0, ca: certificate.ca }));
  const contribution: Contribution = { by: "credentials", module: new URL("../../../plugins/credentials/gateway/part.ts", import.meta.url), options, answer };
  const egress = await startEgress(names, upstreams, [contribution]);
  const authority = egress.authority ?? "";
  return {
    egress,
    servers,
    authority,
    async send(name, head, { headers = [], body = "", plain = false } = {}) {
      const socket = await egress.inside.tcp(await egress.addressOf(name), plain ? 80 : 443);
      const stream = plain ? socket : await openTls(socket, name, certificate.ca.concat("\n", authority), ["http/1.1"]);
      const bytes = Buffer.from(body);
      const length = bytes.length > 0 ? [`Content-Length: ${bytes.length}`] : [];
      const text = [`${head} HTTP/1.1`, `Host: ${name}`, "Connection: close", ...length, ...headers, "", bytes.toString("latin1")].join("\r\n");
      return await exchange(stream, text);
    },
    async end() {
      await egress.end();
      for (const { server } of Object.values(servers)) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}
