import { connect, constants, performServerHandshake, type ClientHttp2Session, type Http2Session, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream, type Settings } from "node:http2";
import type { TLSSocket } from "node:tls";
import type { Doorkeeper, Outcome, Target } from "../connections/door.ts";
import { ASKED_NOTHING } from "../connections/interception.ts";
import type { Secured } from "../tls/host-side.ts";
import { Http2Exchange, type Http2Line } from "./exchange.ts";

// each session may hold back what its windows allow, and a guest may open many
const MOST_SESSIONS = 128;
const MOST_STREAMS = 100;
const STREAM_WINDOW = 1024 * 1024;
const SESSION_WINDOW = 2 * 1024 * 1024;
const LARGEST_HEAD = 65_536;
const MOST_FIELDS = 128;
const GOODBYE_MS = 5_000;
const SETTINGS: Settings = { maxConcurrentStreams: MOST_STREAMS, initialWindowSize: STREAM_WINDOW, maxHeaderListSize: LARGEST_HEAD, enablePush: false };

let open = 0;

/** Whether one more connection of HTTP/2 can be taken; if not, HTTP/1.1 is offered alone, which holds less. */
export function mayOpen(): boolean {
  return open < MOST_SESSIONS;
}

/** Serves HTTP/2 between two connections whose TLS was taken off, to their end; each request is judged and written anew. Never rejects. */
export async function serve(guest: TLSSocket, target: Target, keeper: Doorkeeper, host: Secured): Promise<Outcome> {
  open += 1;
  try {
    return await new Http2Relay(guest, target, keeper, host).ended;
  } finally {
    open -= 1;
  }
}

class Http2Relay implements Http2Line {
  readonly target: Target;
  readonly keeper: Doorkeeper;
  readonly ended: Promise<Outcome>;
  readonly host: ClientHttp2Session | { readonly why: string; readonly refused: boolean };
  readonly #guest: ServerHttp2Session;
  readonly #address: string | undefined;
  #streams = 0;
  #asked = false;
  #refused: string | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(socket: TLSSocket, target: Target, keeper: Doorkeeper, host: Secured) {
    this.target = target;
    this.keeper = keeper;
    this.#guest = performServerHandshake(socket, { settings: SETTINGS, maxHeaderListPairs: MOST_FIELDS });
    this.#address = "address" in host ? host.address : undefined;
    this.host = "why" in host ? host : this.#openHost(host.socket);
    for (const session of "why" in this.host ? [this.#guest] : [this.#guest, this.host]) {
      session.on("error", () => {}); // "close" follows
      session.once("connect", () => session.setLocalWindowSize(SESSION_WINDOW));
    }
    this.#guest.on("stream", (stream, headers, flags, raw) => this.#serve(stream, headers, flags, raw));
    this.#rest(keeper.deadlines.firstHeadMs);
    this.ended = new Promise((resolve) => this.#guest.once("close", () => {
      clearTimeout(this.#idle);
      if (!("why" in this.host)) this.host.destroy();
      socket.destroy();
      resolve(this.#outcome(socket));
    }));
  }

  onRefused(why: string): void {
    this.#refused = why;
  }

  #openHost(socket: TLSSocket): ClientHttp2Session {
    const options = { createConnection: () => socket, settings: SETTINGS, maxHeaderListPairs: MOST_FIELDS };
    const session = connect(`https://${this.target.name}:${this.target.port}`, options);
    // the client is told to come back on a new connection, which is what the host wants of us
    for (const event of ["goaway", "close"] as const) session.once(event, () => leave(this.#guest));
    return session;
  }

  #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, raw: readonly string[]): void {
    clearTimeout(this.#idle);
    this.#streams += 1;
    this.#asked = true;
    stream.on("error", () => {}); // "close" follows
    stream.once("close", () => {
      this.#streams -= 1;
      if (this.#streams === 0) this.#rest(this.keeper.deadlines.nextHeadMs);
    });
    void new Http2Exchange(stream, headers, raw, (flags & constants.NGHTTP2_FLAG_END_STREAM) === 0, this).run();
  }

  /** Ends a connection on which nothing is asked for a while. */
  #rest(forMs: number): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => leave(this.#guest), forMs);
  }

  #outcome(socket: TLSSocket): Outcome {
    const failed = "why" in this.host ? this.host : this.#asked ? undefined : { why: ASKED_NOTHING, refused: false };
    return {
      verdict: this.#refused === undefined ? (failed ? (failed.refused ? "refused" : "failed") : "allowed") : "refused",
      why: this.#refused ?? failed?.why ?? this.target.why,
      ...(this.#address === undefined ? {} : { address: this.#address }),
      sent: socket.bytesRead,
      received: socket.bytesWritten,
    };
  }
}

/** Lets what is being answered end, but not for ever when there is nothing. */
function leave(session: Http2Session): void {
  if (session.destroyed) return;
  session.close();
  setTimeout(() => { if (!session.destroyed) session.destroy(); }, GOODBYE_MS).unref();
}
