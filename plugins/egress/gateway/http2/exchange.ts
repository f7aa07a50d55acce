import { constants, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { pipeline, type Readable } from "node:stream";
import type { Doorkeeper, Target } from "../connections/door.ts";
import { begun, through } from "../http/body.ts";
import { pairs, withoutOurs } from "../http/headers.ts";
import { judge, pathOf } from "../http/judge.ts";
import { trailersOf } from "../http/trailers.ts";
import { ResponsePassing, type RequestPassing } from "../parts/passing.ts";
import type { Refusal } from "../../parts.ts";

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM, NGHTTP2_FLAG_END_STREAM } = constants;
const BAD_GATEWAY = 502;
const FORBIDDEN = 403;
const HTTPS_PORT = 443;

/** The connection that an exchange belongs to. */
export interface Http2Line {
  readonly target: Target;
  readonly keeper: Doorkeeper;
  /** The connection to the host, or why there is none. */
  readonly host: ClientHttp2Session | { readonly why: string; readonly refused: boolean };
  onRefused(why: string): void;
}

/** One request of HTTP/2 and its answer. */
export class Http2Exchange {
  readonly #guest: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  readonly #fields: readonly string[];
  readonly #hasBody: boolean;
  readonly #line: Http2Line;
  #out: ClientHttp2Stream | undefined;
  #trailers: readonly string[] = [];
  #over = false;

  constructor(guest: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: readonly string[], hasBody: boolean, line: Http2Line) {
    this.#guest = guest;
    this.#headers = headers;
    this.#fields = pairs(raw).filter(([name]) => !name.startsWith(":")).flat();
    this.#hasBody = hasBody;
    this.#line = line;
  }

  /** Judges the request and passes it on, or refuses it. Never rejects. */
  async run(): Promise<void> {
    const { target, keeper, host } = this.#line;
    const { ":method": method = "", ":path": url = "", ":authority": authority, host: named } = this.#headers;
    const facts = { name: target.name, port: target.port, secure: true, method, upgrade: undefined, hasBody: this.#hasBody };
    this.#guest.on("trailers", (_fields, _flags, raw: readonly string[] = []) => { this.#trailers = raw; });
    try {
      // what is named twice has to be the same; the check wants one Host
      const rest = named === authority ? pairs(this.#fields).filter(([name]) => name !== "host").flat() : this.#fields;
      const passing = await judge({ facts, url, rawHeaders: [...(authority === undefined ? [] : ["Host", authority]), ...rest] }, target, keeper);
      if (passing.refused) return this.#refuse(passing.refused);
      if ("why" in host) return this.#fail(host.why, host.refused);
      passing.whenRefused((refusal) => this.#refuse(refusal));
      const body = this.#hasBody ? through(this.#guest, passing.transforms) : undefined;
      if (body && passing.transforms.length > 0) await begun(body);
      if (!this.#over && !this.#guest.destroyed) this.#pass(passing, body, host);
    } catch {
      this.#close(NGHTTP2_INTERNAL_ERROR);
    }
  }

  #pass(passing: RequestPassing, body: Readable | undefined, host: ClientHttp2Session): void {
    // the host is about to close its connection; on a new one the client may ask again without a doubt
    if (host.closed || host.destroyed) return this.#close(NGHTTP2_REFUSED_STREAM);
    const { name, port, method, path } = passing;
    const pseudo = { ":method": method, ":scheme": "https", ":authority": port === HTTPS_PORT ? name : `${name}:${port}`, ":path": path };
    const te = this.#headers["te"] === "trailers" ? { te: "trailers" } : {};
    const out = host.request({ ...pseudo, ...te, ...this.#length(this.#headers, passing), ...asObject(withoutOurs(passing.headers.raw())) }, { endStream: !body, waitForTrailers: true });
    this.#out = out;
    out.on("continue", () => { if (!this.#guest.headersSent) this.#guest.additionalHeaders({ ":status": 100 }); });
    out.once("response", (headers, flags, raw: readonly string[] = []) => void this.#reply(passing, headers, flags, raw).catch(() => this.#close(NGHTTP2_INTERNAL_ERROR)));
    out.on("wantTrailers", () => out.sendTrailers(Object.fromEntries(trailersOf(this.#trailers))));
    out.on("error", (error) => { if (!this.#guest.headersSent) this.#fail(error.message, false); });
    out.once("close", () => {
      this.#guest.unpipe().resume(); // an answer may come before the whole question
      if (!this.#guest.headersSent && !this.#over) this.#close(out.rstCode === NGHTTP2_NO_ERROR ? NGHTTP2_INTERNAL_ERROR : out.rstCode);
    });
    this.#guest.once("close", () => { if (!out.closed) out.close(this.#guest.rstCode === NGHTTP2_NO_ERROR ? NGHTTP2_CANCEL : this.#guest.rstCode); });
    body?.on("error", () => out.close(NGHTTP2_CANCEL));
    body?.pipe(out);
  }

  async #reply(passing: RequestPassing, headers: IncomingHttpHeaders & { ":status"?: number | undefined }, flags: number, raw: readonly string[]): Promise<void> {
    const out = this.#out;
    if (!out) return;
    let trailers: readonly string[] = [];
    out.on("trailers", (_fields, _flags, fields: readonly string[] = []) => { trailers = fields; });
    const shown = new ResponsePassing(passing, headers[":status"] ?? BAD_GATEWAY, pairs(raw).filter(([name]) => !name.startsWith(":")).flat());
    await this.#line.keeper.parts.show("response", shown);
    if (this.#over || this.#guest.destroyed) return out.close(NGHTTP2_CANCEL);
    if (shown.refused) return this.#refuse(shown.refused);
    const endStream = (flags & NGHTTP2_FLAG_END_STREAM) !== 0;
    this.#guest.respond({ ":status": shown.status, ...this.#length(headers, shown), ...asObject(withoutOurs(shown.headers.raw())) }, { endStream, waitForTrailers: !endStream });
    if (endStream) return void out.resume();
    shown.whenRefused((refusal) => this.#refuse(refusal));
    this.#guest.on("wantTrailers", () => {
      const changed = shown.trailersFor(trailers);
      if (changed) this.#guest.sendTrailers(Object.fromEntries(trailersOf(changed)));
      else this.#close(NGHTTP2_INTERNAL_ERROR);
    });
    pipeline(through(out, shown.transforms), this.#guest, (error) => {
      this.#over = true;
      if (error && !this.#guest.destroyed) this.#guest.close(out.rstCode || NGHTTP2_INTERNAL_ERROR);
    });
  }

  /** The length that a whole body has, unless it was changed. */
  #length({ "content-length": length }: IncomingHttpHeaders, { keepsLength }: RequestPassing | ResponsePassing): OutgoingHttpHeaders {
    return length === undefined || !keepsLength ? {} : { "content-length": length };
  }

  #fail(why: string, refused: boolean): void {
    const { name } = this.#line.target;
    if (refused) this.#refuse({ status: FORBIDDEN, text: `cloche refuses this request to ${name}: ${why}`, why });
    else this.#say(BAD_GATEWAY, `cloche cannot reach ${name}: ${why}`);
  }

  #refuse({ status, text, why = text }: Refusal): void {
    const { target: { name, port }, keeper } = this.#line;
    const { ":method": method = "", ":path": url = "" } = this.#headers;
    keeper.audit.record({ kind: "request", name, port, method, path: pathOf(url), verdict: "refused", why });
    this.#line.onRefused(why);
    this.#say(status, text);
  }

  #say(status: number, text: string): void {
    if (this.#over) return;
    if (this.#guest.headersSent) return this.#close(NGHTTP2_INTERNAL_ERROR);
    this.#over = true;
    this.#out?.close(NGHTTP2_CANCEL);
    if (this.#guest.destroyed) return;
    this.#guest.unpipe().resume();
    this.#guest.respond({ ":status": status, "content-type": "text/plain; charset=utf-8" });
    // whoever still sends a body need not send the rest of it (RFC 9113 8.1)
    this.#guest.end(`${text}\n`, () => this.#guest.close(NGHTTP2_NO_ERROR));
  }

  #close(code: number): void {
    this.#over = true;
    this.#out?.close(NGHTTP2_CANCEL);
    if (!this.#guest.destroyed) this.#guest.close(code);
  }
}

/** Header fields as Node's HTTP/2 takes them: names in lower case, more values of one name as a list. */
function asObject(raw: readonly string[]): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {};
  for (const [spelt, value] of pairs(raw)) {
    const name = spelt.toLowerCase();
    const known = headers[name];
    headers[name] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
  }
  return headers;
}
