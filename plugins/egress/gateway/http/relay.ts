import type { Agent, IncomingMessage, Server, ServerResponse as Answer } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Doorkeeper, Outcome, Target } from "../connections/door.ts";
import { ASKED_NOTHING } from "../connections/interception.ts";
import { dialAgent, type Connect } from "./agent.ts";
import { Exchange, type Line } from "./exchange.ts";
import { createServer, ServerResponse } from "./node-http.ts";

const LARGEST_HEAD = 16_384;
const NOT_OFFERED = "HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const MOST_AT_ONCE = 32; // apt sends ten requests ahead, others fewer

const relays = new WeakMap<Duplex, HttpRelay>();
let parser: Server | undefined;

/** One server for all connections; it never listens, connections are handed to it. */
function sharedParser(): Server {
  if (parser) return parser;
  // any other change of protocol than to WebSocket is an offer that is passed over: h2c would leave requests unseen
  const options = { maxHeaderSize: LARGEST_HEAD, insecureHTTPParser: false, keepAliveTimeout: 0, shouldUpgradeCallback: isWebSocket };
  parser = createServer(options);
  parser.on("request", (asked, answer) => relayOf(asked)?.serve(asked, answer));
  parser.on("checkContinue", (asked, answer) => relayOf(asked)?.serve(asked, answer));
  parser.on("upgrade", (asked, socket, head) => {
    if (!isWebSocket(asked)) return void socket.end(NOT_OFFERED); // Node before 22.21 asks nobody
    const answer = new ServerResponse(asked);
    answer.shouldKeepAlive = false;
    relayOf(asked)?.serve(asked, answer, { socket, head });
  });
  return parser;
}

function isWebSocket({ headers, method }: IncomingMessage): boolean {
  return method === "GET" && headers.upgrade?.toLowerCase() === "websocket";
}

function relayOf(asked: IncomingMessage): HttpRelay | undefined {
  const relay = relays.get(asked.socket);
  if (!relay) asked.destroy();
  return relay;
}

/** HTTP/1.1 of one connection from the guest: each request is checked anew and written anew, never passed on as raw bytes. */
export class HttpRelay implements Line {
  readonly ended: Promise<Outcome>;
  readonly target: Target;
  readonly keeper: Doorkeeper;
  readonly secure: boolean;
  readonly agent: Agent;
  readonly #guest: Socket;
  readonly #hungUp = new AbortController();
  #headTimer: NodeJS.Timeout | undefined;
  /** What is to be done for each request that has come and is not answered yet, in order; the first is being done. */
  readonly #turns: (() => void)[] = [];
  #asked = 0;
  #closing = false;
  #refused: string | undefined;
  #address: string | undefined;

  /** Takes over a connection on which HTTP is spoken; `connect` makes the one to the host. */
  constructor(guest: Socket, target: Target, keeper: Doorkeeper, secure: boolean, connect: Connect) {
    this.#guest = guest;
    this.target = target;
    this.keeper = keeper;
    this.secure = secure;
    this.agent = dialAgent(connect, this.#hungUp.signal, (address) => { this.#address = address; });
    this.#expectHead(keeper.deadlines.firstHeadMs);
    this.ended = new Promise((resolve) => guest.once("close", () => resolve(this.#end())));
    relays.set(guest, this);
    sharedParser().emit("connection", guest);
  }

  /** One request of the connection: answered when those before it are, since they may depend on each other. */
  serve(asked: IncomingMessage, answer: Answer, upgrade?: { readonly socket: Duplex; readonly head: Buffer }): void {
    clearTimeout(this.#headTimer);
    this.#asked += 1;
    if (this.#turns.length >= MOST_AT_ONCE) return this.breakOff();
    answer.once("close", () => {
      this.#turns.shift();
      this.#nextTurn();
    });
    this.#turns.push(() => {
      if (upgrade) answer.assignSocket(this.#guest);
      void new Exchange(asked, answer, this, upgrade).run();
    });
    if (this.#turns.length === 1) this.#nextTurn();
  }

  onRefused(why: string): void {
    this.#closing = true;
    this.#refused = why;
  }

  onFailed(): void {
    this.#closing = true;
  }

  breakOff(): void {
    this.#guest.destroy();
  }

  #nextTurn(): void {
    if (this.#closing || this.#guest.destroyed) return;
    const [turn] = this.#turns;
    if (turn) turn();
    else this.#expectHead(this.keeper.deadlines.nextHeadMs);
  }

  #expectHead(withinMs: number): void {
    this.#headTimer = setTimeout(() => this.breakOff(), withinMs);
  }

  #end(): Outcome {
    clearTimeout(this.#headTimer);
    this.#hungUp.abort();
    this.agent.destroy();
    const verdict = this.#refused === undefined ? (this.#address === undefined ? "failed" : "allowed") : "refused";
    return {
      verdict,
      why: this.#refused ?? (this.#address === undefined ? this.#whyNothing() : this.target.why),
      ...(this.#address === undefined ? {} : { address: this.#address }),
      sent: this.#guest.bytesRead,
      received: this.#guest.bytesWritten,
    };
  }

  #whyNothing(): string {
    return this.secure && this.#asked === 0 ? ASKED_NOTHING : "no request was passed on";
  }
}
