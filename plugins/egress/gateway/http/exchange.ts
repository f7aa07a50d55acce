import type { Agent, ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { pipeline, type Duplex } from "node:stream";
import type { Doorkeeper, Target } from "../connections/door.ts";
import { ResponsePassing, type RequestPassing } from "../parts/passing.ts";
import type { Refusal } from "../../parts.ts";
import { DialError } from "./agent.ts";
import { begun, through } from "./body.ts";
import { forHost, passedOn, withoutOurs } from "./headers.ts";
import { judge, pathOf } from "./judge.ts";
import { request, STATUS_CODES } from "./node-http.ts";
import { trailersOf } from "./trailers.ts";
import { upgraded } from "./upgraded.ts";

const BAD_GATEWAY = 502;
const FORBIDDEN = 403;
const NOT_HTTP = "its answer is not HTTP as it should be";
const REPEATABLE: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** The connection that an exchange belongs to. */
export interface Line {
  readonly target: Target;
  readonly keeper: Doorkeeper;
  /** Whether TLS was taken off. */
  readonly secure: boolean;
  /** Makes and keeps the connection to the host. */
  readonly agent: Agent;
  /** Hears of a refusal; no more requests are taken from this connection. */
  onRefused(why: string): void;
  onFailed(): void;
  /** Breaks the connection off. */
  breakOff(): void;
}

/** One request of HTTP/1.1 and its answer. */
export class Exchange {
  readonly #asked: IncomingMessage;
  readonly #answer: ServerResponse;
  readonly #line: Line;
  /** What the connection is to become, with the bytes that came behind the request. */
  readonly #upgrade: { readonly socket: Duplex; readonly head: Buffer } | undefined;
  #out: ClientRequest | undefined;
  #over = false;

  constructor(asked: IncomingMessage, answer: ServerResponse, line: Line, upgrade?: { readonly socket: Duplex; readonly head: Buffer }) {
    this.#asked = asked;
    this.#answer = answer;
    this.#line = line;
    this.#upgrade = upgrade;
  }

  /** Judges the request and passes it on, or refuses it. Never rejects. */
  async run(): Promise<void> {
    const { method = "", url = "", rawHeaders, headers } = this.#asked;
    const { target, keeper, secure } = this.#line;
    const upgrade = this.#upgrade ? headers.upgrade?.toLowerCase() : undefined;
    const facts = { name: target.name, port: target.port, secure, method, upgrade, hasBody: hasBody(this.#asked) };
    try {
      const passing = await judge({ facts, url, rawHeaders }, target, keeper);
      if (passing.refused) return this.#refuse(passing.refused);
      passing.whenRefused((refusal) => this.#refuse(refusal));
      const body = this.#upgrade ? undefined : through(this.#asked, passing.transforms);
      if (body && passing.transforms.length > 0) await begun(body);
      if (!this.#over) this.#pass(passing, body, REPEATABLE.has(method) && !facts.hasBody);
    } catch {
      this.#fail("the request broke off", false);
    }
  }

  #pass(passing: RequestPassing, body: NodeJS.ReadableStream | undefined, repeatable: boolean): void {
    const { agent } = this.#line;
    const { name, port, method, path } = passing;
    const headers = forHost(passing.headers.raw(), hostOf(passing), this.#framing(passing));
    const out = request({ agent, host: name, port, method, path, headers, setHost: false });
    this.#out = out;
    out.once("response", (reply) => void this.#reply(passing, reply));
    out.once("continue", () => { if (!this.#over) this.#answer.writeContinue(); });
    out.once("upgrade", (reply, socket, head) => void this.#change(passing, reply, socket, head));
    out.on("error", (error) => {
      if (this.#over || this.#answer.headersSent) return this.#line.breakOff();
      // a kept connection may be closed by the host at the moment it is used again; nothing was answered, so ask once more
      if (repeatable && out.reusedSocket) return this.#pass(passing, body, false);
      this.#fail(error.message, error instanceof DialError && error.refused);
    });
    this.#answer.once("close", () => out.destroy());
    if (!body) return void out.end();
    body.once("end", () => void out.addTrailers(trailersOf(this.#asked.rawTrailers)));
    body.on("error", () => out.destroy());
    if (headers.includes("100-continue")) out.flushHeaders();
    body.pipe(out);
  }

  #framing({ keepsLength, hasBody: has, upgrade }: RequestPassing): readonly string[] {
    if (upgrade !== undefined) return ["Connection", "Upgrade", "Upgrade", upgrade];
    const { "content-length": length, "transfer-encoding": encoding } = this.#asked.headers;
    if (has && (encoding !== undefined || !keepsLength)) return ["Transfer-Encoding", "chunked"];
    return length === undefined ? [] : ["Content-Length", length];
  }

  async #reply(passing: RequestPassing, reply: IncomingMessage): Promise<void> {
    const shown = new ResponsePassing(passing, reply.statusCode ?? 0, passedOn(reply.rawHeaders));
    await this.#line.keeper.parts.show("response", shown);
    if (this.#over) return void reply.destroy();
    if (shown.refused) return this.#refuse(shown.refused);
    try {
      this.#answer.writeHead(shown.status, reply.statusMessage, [...withoutOurs(shown.headers.raw()), ...lengthOf(reply, shown)]);
    } catch {
      return void this.#out?.destroy(new Error(NOT_HTTP)); // Node reads more than it writes: a status 000, control characters
    }
    this.#answer.flushHeaders();
    shown.whenRefused((refusal) => this.#refuse(refusal));
    const body = through(reply, shown.transforms);
    body.once("end", () => {
      const trailers = shown.trailersFor(reply.rawTrailers);
      if (!trailers) this.#line.breakOff();
      else if (trailers.length > 0) this.#answer.addTrailers(trailersOf(trailers));
    });
    pipeline(body, this.#answer, (error) => {
      this.#over = true;
      if (error) this.#line.breakOff();
    });
  }

  /** The host agreed to another protocol; from here on it is bytes. */
  async #change(passing: RequestPassing, reply: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { keeper } = this.#line;
    socket.on("error", () => {});
    const shown = new ResponsePassing(passing, reply.statusCode ?? 0, passedOn(reply.rawHeaders));
    const agreed = this.#upgrade && reply.headers.upgrade?.toLowerCase() === passing.upgrade;
    if (agreed) await keeper.parts.show("response", shown);
    if (this.#over || !agreed || shown.refused) {
      socket.destroy();
      return shown.refused ? this.#refuse(shown.refused) : this.#fail(NOT_HTTP, false);
    }
    this.#over = true;
    upgraded({ guest: this.#upgrade.socket, outside: socket, fromGuest: this.#upgrade.head, fromHost: head, request: passing, response: shown });
  }

  #fail(why: string, refused: boolean): void {
    const { name } = this.#line.target;
    if (refused) return this.#refuse({ status: FORBIDDEN, text: `cloche refuses this request to ${name}: ${why}`, why });
    this.#line.onFailed();
    this.#say(BAD_GATEWAY, `cloche cannot reach ${name}: ${why}`);
  }

  #refuse({ status, text, why = text }: Refusal): void {
    const { target: { name, port }, keeper } = this.#line;
    const { method = "", url: path = "" } = this.#asked;
    keeper.audit.record({ kind: "request", name, port, method, path: pathOf(path), verdict: "refused", why });
    this.#line.onRefused(why);
    this.#say(status, text);
  }

  #say(status: number, text: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#out?.destroy();
    this.#asked.unpipe().resume();
    if (this.#answer.headersSent || this.#answer.destroyed) return this.#line.breakOff();
    const body = Buffer.from(`${text}\n`);
    this.#answer.writeHead(status, STATUS_CODES[status] ?? "Refused", { "Content-Type": "text/plain; charset=utf-8", "Content-Length": body.length, Connection: "close" });
    this.#answer.end(body);
  }
}

function hostOf({ name, port, secure }: RequestPassing): string {
  return port === (secure ? 443 : 80) ? name : `${name}:${port}`;
}

/** The length that a whole body has, unless it was changed. */
function lengthOf({ headers }: IncomingMessage, { keepsLength }: ResponsePassing): readonly string[] {
  const length = headers["content-length"];
  return length === undefined || !keepsLength ? [] : ["Content-Length", length];
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}
