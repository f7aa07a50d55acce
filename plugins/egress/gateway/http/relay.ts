import { createServer, request, type Agent, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { pipeline } from "node:stream";
import type { Doorkeeper, Outcome, Target } from "../connections/door.ts";
import { DialError, dialAgent } from "./agent.ts";
import { forHost, passedOn } from "./headers.ts";
import { whyRefused } from "./request-check.ts";

const FIRST_HEAD_MS = 10_000;
const NEXT_HEAD_MS = 60_000;
const LARGEST_HEAD = 16_384;
const HTTP_PORT = 80;
const REPEATABLE: ReadonlySet<string> = new Set(["GET", "HEAD"]);

const relays = new WeakMap<Socket, HttpRelay>();
let parser: Server | undefined;

/** One server for all connections; it never listens, connections are handed to it. */
function sharedParser(): Server {
  parser ??= createServer({ maxHeaderSize: LARGEST_HEAD, insecureHTTPParser: false, keepAliveTimeout: 0 }, (asked, answer) => {
    const relay = relays.get(asked.socket);
    if (relay) relay.serve(asked, answer);
    else asked.destroy();
  });
  return parser;
}

/** Plain HTTP of one connection from the guest: each request is checked anew and written anew, never passed on as raw bytes. */
export class HttpRelay {
  readonly ended: Promise<Outcome>;
  readonly #guest: Socket;
  readonly #target: Target;
  readonly #keeper: Doorkeeper;
  readonly #agent: Agent;
  readonly #hungUp = new AbortController();
  #headTimer: NodeJS.Timeout;
  #refused: string | undefined;
  #address: string | undefined;

  constructor(guest: Socket, target: Target, keeper: Doorkeeper) {
    this.#guest = guest;
    this.#target = target;
    this.#keeper = keeper;
    this.#agent = dialAgent(target, keeper.dial, this.#hungUp.signal, (address) => { this.#address = address; });
    this.#headTimer = setTimeout(() => guest.destroy(), FIRST_HEAD_MS);
    this.ended = new Promise((resolve) => guest.once("close", () => resolve(this.#end())));
    relays.set(guest, this);
    sharedParser().emit("connection", guest);
  }

  /** One request of the connection. */
  serve(asked: IncomingMessage, answer: ServerResponse): void {
    clearTimeout(this.#headTimer);
    answer.once("close", () => {
      this.#headTimer = setTimeout(() => this.#guest.destroy(), NEXT_HEAD_MS);
      if (this.#guest.destroyed) clearTimeout(this.#headTimer);
    });
    const { method = "", url = "", rawHeaders } = asked;
    const why = whyRefused({ method, url, rawHeaders }, this.#target.name, this.#target.port);
    if (why === undefined) this.#pass(asked, answer, REPEATABLE.has(method) && asked.headers["transfer-encoding"] === undefined);
    else this.#refuse(asked, answer, 403, why);
  }

  #pass(asked: IncomingMessage, answer: ServerResponse, repeatable: boolean): void {
    const { name, port } = this.#target;
    const chunked = asked.headers["transfer-encoding"] !== undefined;
    const headers = forHost(asked.rawHeaders, port === HTTP_PORT ? name : `${name}:${port}`, chunked);
    const { method = "GET", url: path = "/" } = asked;
    const passed = request({ agent: this.#agent, host: name, port, method, path, headers, setHost: false });
    passed.once("response", (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.statusMessage, passedOn(reply.rawHeaders));
      pipeline(reply, answer, (error) => { if (error) this.#guest.destroy(); });
    });
    passed.on("error", (error) => {
      if (answer.headersSent || this.#guest.destroyed) return void this.#guest.destroy();
      // a kept connection may be closed by the host at the moment it is used again; nothing was answered, so ask once more
      if (repeatable && passed.reusedSocket) return this.#pass(asked, answer, false);
      const refused = error instanceof DialError && error.refused;
      this.#refuse(asked, answer, refused ? 403 : 502, error.message);
    });
    answer.once("close", () => passed.destroy());
    asked.pipe(passed);
  }

  #refuse(asked: IncomingMessage, answer: ServerResponse, status: 403 | 502, why: string): void {
    const { name, port } = this.#target;
    if (status === 403) {
      this.#refused = why;
      this.#keeper.audit.record({ kind: "request", name, port, verdict: "refused", why });
    }
    asked.resume();
    answer.writeHead(status, { "Content-Type": "text/plain", Connection: "close" });
    answer.end(status === 403 ? `cloche refuses this request to ${name}: ${why}\n` : `cloche cannot reach ${name}: ${why}\n`);
  }

  #end(): Outcome {
    clearTimeout(this.#headTimer);
    this.#hungUp.abort();
    this.#agent.destroy();
    const verdict = this.#refused === undefined ? (this.#address === undefined ? "failed" : "allowed") : "refused";
    return {
      verdict,
      why: this.#refused ?? (this.#address === undefined ? "no request was passed on" : this.#target.why),
      ...(this.#address === undefined ? {} : { address: this.#address }),
      sent: this.#guest.bytesRead,
      received: this.#guest.bytesWritten,
    };
  }
}
