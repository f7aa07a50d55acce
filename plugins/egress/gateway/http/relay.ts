import { createServer, request, type Agent, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { pipeline } from "node:stream";
import type { Doorkeeper, Outcome, Target } from "../connections/door.ts";
import { DialError, dialAgent } from "./agent.ts";
import { forHost, passedOn } from "./headers.ts";
import { whyRefused } from "./request-check.ts";

const LARGEST_HEAD = 16_384;
const MOST_AT_ONCE = 32; // apt sends ten requests ahead, others fewer
const HTTP_PORT = 80;
const NOT_HTTP = "its answer is not HTTP as it should be";
const REASON = { 403: "Forbidden", 502: "Bad Gateway" } as const;
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
  #headTimer: NodeJS.Timeout | undefined;
  /** What is to be done for each request that has come and is not answered yet, in order; the first is being done. */
  readonly #turns: (() => void)[] = [];
  #closing = false;
  #refused: string | undefined;
  #address: string | undefined;

  constructor(guest: Socket, target: Target, keeper: Doorkeeper) {
    this.#guest = guest;
    this.#target = target;
    this.#keeper = keeper;
    this.#agent = dialAgent(target, keeper.dial, this.#hungUp.signal, (address) => { this.#address = address; });
    this.#expectHead(keeper.deadlines.firstHeadMs);
    this.ended = new Promise((resolve) => guest.once("close", () => resolve(this.#end())));
    relays.set(guest, this);
    sharedParser().emit("connection", guest);
  }

  /** One request of the connection: answered when those before it are, since they may depend on each other. */
  serve(asked: IncomingMessage, answer: ServerResponse): void {
    clearTimeout(this.#headTimer);
    if (this.#turns.length >= MOST_AT_ONCE) return void this.#guest.destroy();
    answer.once("close", () => {
      this.#turns.shift();
      this.#nextTurn();
    });
    this.#turns.push(() => this.#judge(asked, answer));
    if (this.#turns.length === 1) this.#nextTurn();
  }

  #nextTurn(): void {
    if (this.#closing || this.#guest.destroyed) return;
    const [turn] = this.#turns;
    if (turn) turn();
    else this.#expectHead(this.#keeper.deadlines.nextHeadMs);
  }

  #judge(asked: IncomingMessage, answer: ServerResponse): void {
    const { method = "", url = "", rawHeaders } = asked;
    const { name, port } = this.#target;
    const verdict = this.#keeper.policy.decide({ name, port, method, path: url });
    const why = whyRefused({ method, url, rawHeaders }, name, port) ?? (verdict.allowed ? undefined : verdict.why);
    if (why === undefined) this.#pass(asked, answer, REPEATABLE.has(method) && !hasBody(asked));
    else this.#refuse(asked, answer, 403, why);
  }

  #expectHead(withinMs: number): void {
    this.#headTimer = setTimeout(() => this.#guest.destroy(), withinMs);
  }

  #pass(asked: IncomingMessage, answer: ServerResponse, repeatable: boolean): void {
    const { name, port } = this.#target;
    const chunked = asked.headers["transfer-encoding"] !== undefined;
    const headers = forHost(asked.rawHeaders, port === HTTP_PORT ? name : `${name}:${port}`, chunked);
    const { method = "GET", url: path = "/" } = asked;
    const passed = request({ agent: this.#agent, host: name, port, method, path, headers, setHost: false });
    passed.once("response", (reply) => {
      try {
        answer.writeHead(reply.statusCode ?? 0, reply.statusMessage, passedOn(reply.rawHeaders));
      } catch {
        return void passed.destroy(new Error(NOT_HTTP)); // Node reads more than it writes: a status 000, control characters
      }
      pipeline(reply, answer, (error) => { if (error) this.#guest.destroy(); });
    });
    passed.once("upgrade", () => { // nobody asked for it
      passed.destroy();
      this.#refuse(asked, answer, 502, NOT_HTTP);
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
    this.#closing = true;
    asked.resume();
    answer.writeHead(status, REASON[status], { "Content-Type": "text/plain", Connection: "close" });
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

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || headers["content-length"] !== undefined;
}
