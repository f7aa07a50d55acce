import { Transform, type TransformCallback } from "node:stream";
import type { PassingRequest, PassingResponse } from "../contracts.ts";
import { decodersFor } from "../streams/decoding.ts";
import { formsOf, type Needle } from "../streams/needles.ts";
import { Replacing } from "../streams/replacing.ts";

/** The host that gives tokens for a login. */
export const LOGIN_HOST = "platform.claude.com";

const TOKEN_PATH = "/v1/oauth/token";
const LARGEST = 64 * 1024;

/**
 * A login that is made inside: the tokens that the service gives stay here, and the guest gets placeholders for them. Its host is open
 * for one login; afterwards only for renewing it.
 */
export class InsideLogin {
  readonly #placeholder: string;
  readonly #refreshPlaceholder: string;
  #access: string | undefined;
  #refresh: string | undefined;

  constructor(placeholder: string, refreshPlaceholder: string) {
    this.#placeholder = placeholder;
    this.#refreshPlaceholder = refreshPlaceholder;
  }

  get accessToken(): string | undefined {
    return this.#access;
  }

  needles(): readonly Needle[] {
    const access = this.#access === undefined ? [] : formsOf(this.#access, this.#placeholder);
    return this.#refresh === undefined ? access : [...access, ...formsOf(this.#refresh, this.#refreshPlaceholder)];
  }

  /** A request to the login's host. */
  request(request: PassingRequest): void {
    const [path] = request.path.split("?", 1);
    if (path === "/v1/oauth/hello" && request.method === "GET") return;
    if (path !== TOKEN_PATH || request.method !== "POST") return request.refuse({ status: 403, text: `cloche lets nothing but a login through to ${LOGIN_HOST}.` });
    request.headers.set("accept-encoding", "identity");
    const known = this.#refresh;
    if (known !== undefined) request.transformBody(new Whole((text) => this.#renewal(text, known, request)));
  }

  #renewal(text: string, refreshToken: string, request: PassingRequest): string | undefined {
    if (text.includes(this.#refreshPlaceholder)) return text.replaceAll(this.#refreshPlaceholder, () => refreshToken);
    request.refuse({ status: 403, text: "cloche lets one login through in a session, and this one has its login. Start another session to log in as somebody else." });
    return undefined;
  }

  /** The answer to it. */
  response(response: PassingResponse): void {
    const decoders = decodersFor(response.headers.get("content-encoding"));
    if (!decoders) return response.refuse({ status: 502, text: "cloche cannot read the answer to the login." });
    response.headers.delete("content-encoding");
    for (const decoder of decoders) response.transformBody(decoder);
    response.transformBody(new Whole((text) => this.#keepTokens(text)));
    response.transformBody(new Replacing(this.needles()));
  }

  #keepTokens(text: string): string {
    let answer: Record<string, unknown>;
    try {
      answer = JSON.parse(text) as Record<string, unknown>;
    } catch {
      return text;
    }
    const { access_token: access, refresh_token: refresh } = answer;
    if (typeof access !== "string" || access === "") return text;
    this.#access = access;
    if (typeof refresh === "string" && refresh !== "") this.#refresh = refresh;
    return JSON.stringify({ ...answer, access_token: this.#placeholder, ...(refresh !== undefined && { refresh_token: this.#refreshPlaceholder }) });
  }
}

/** A short body, changed as a whole; one that is too long, or whose change is undefined, does not pass. */
class Whole extends Transform {
  readonly #change: (text: string) => string | undefined;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(change: (text: string) => string | undefined) {
    super();
    this.#change = change;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#bytes += chunk.length;
    if (this.#bytes > LARGEST) return done(new Error("a login's message is longer than it can be"));
    this.#pieces.push(chunk);
    done();
  }

  override _flush(done: TransformCallback): void {
    const changed = this.#change(Buffer.concat(this.#pieces).toString("utf8"));
    if (changed !== undefined) done(null, changed);
  }
}
