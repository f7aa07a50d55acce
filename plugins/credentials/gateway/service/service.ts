import { cleanResponse } from "../clean-response.ts";
import type { PassingRequest, PassingResponse } from "../contracts.ts";
import type { ServiceOptions } from "../options.ts";
import { secretInValue } from "../../staging/suspicious.ts";
import { readable } from "../streams/decoding.ts";
import { formsOf, type Needle } from "../streams/needles.ts";
import type { Credential } from "./credential.ts";
import { refusalOf } from "./features.ts";
import { JudgedBody } from "./judged-body.ts";
import { errandOf } from "./paths.ts";

const FORBIDDEN = 403;
// the agent repeats what is answered with another status, or asks for a new login
const BAD_REQUEST = 400;
const OTHER_CREDENTIAL = "cloche refuses a credential for the agent's service that is not this session's: whoever it belongs to could receive data by it.";
const CREDENTIALS = ["x-api-key", "authorization"] as const;
// Further ways to say who asks.
const NEVER = ["cookie", "proxy-authorization"] as const;

/** The agent's own service: which calls it is asked for, as whom, and for what in them. */
export class Service {
  readonly #options: ServiceOptions;
  readonly #credential: Credential;
  readonly #allowed: ReadonlySet<string>;
  readonly #report: (text: string) => void;
  /** Values of further headers that seem to be secret too. */
  readonly #more: readonly Needle[];

  constructor(options: ServiceOptions, credential: Credential, report: (text: string) => void) {
    this.#options = options;
    this.#credential = credential;
    this.#allowed = new Set(options.allow);
    this.#report = report;
    this.#more = options.headers.flatMap(([, value]) => (secretInValue(value) === undefined ? [] : formsOf(value, "x".repeat(value.length))));
  }

  is(name: string, port: number): boolean {
    return name === this.#options.host && port === this.#options.port;
  }

  async request(request: PassingRequest): Promise<void> {
    const errand = errandOf(request.method, request.path, this.#options, this.#allowed);
    if (errand.kind === "refused") return this.#refuse(request, FORBIDDEN, refusalOf(errand.feature), errand.feature);
    if (request.upgrade !== undefined) return this.#refuse(request, FORBIDDEN, refusalOf("path:websocket"), "websocket");
    if (!(await this.#prove(request))) return;
    for (const [name, value] of this.#options.headers) request.headers.set(name, value);
    request.headers.set("accept-encoding", readable(request.headers.get("accept-encoding")));
    if (errand.kind !== "messages") return;
    if (request.headers.has("content-encoding")) return this.#refuse(request, BAD_REQUEST, "cloche refuses an encoded request to the agent's service, which it could not read.", "encoded");
    if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) return this.#refuse(request, BAD_REQUEST, "cloche refuses a request to the agent's service that is not JSON.", "not JSON");
    request.transformBody(new JudgedBody(this.#allowed, (why) => this.#refuse(request, BAD_REQUEST, why, why)), { sameLength: true });
  }

  response(response: PassingResponse): void {
    cleanResponse(response, [...this.#credential.needles(), ...this.#more]);
  }

  /** Puts the user's credential in the place of the session's; answers whether the request may go on. */
  async #prove(request: PassingRequest): Promise<boolean> {
    const { headers } = request;
    for (const name of NEVER) headers.delete(name);
    if (this.#credential.sign) return this.#sign(request, this.#credential.sign);
    const given = CREDENTIALS.flatMap((name) => headers.getAll(name).map((value) => value.replace(/^bearer\s+/i, "").trim()));
    if (given.length === 0 && !this.#credential.always) return true; // some calls need none
    if (given.some((value) => value !== this.#credential.placeholder)) {
      this.#refuse(request, FORBIDDEN, OTHER_CREDENTIAL, "another credential");
      return false;
    }
    const proof = await this.#credential.prove();
    if ("why" in proof) {
      this.#refuse(request, FORBIDDEN, `cloche cannot speak for you to the agent's service: ${proof.why}`, "no credential");
      return false;
    }
    for (const name of CREDENTIALS) headers.delete(name);
    headers.set(proof.header, proof.value);
    return true;
  }

  /** Puts the user's signature in the place of the session's; answers whether the request may go on. */
  #sign(request: PassingRequest, sign: NonNullable<Credential["sign"]>): boolean {
    const why = request.headers.has("x-api-key") ? OTHER_CREDENTIAL : sign(request);
    if (why !== undefined) this.#refuse(request, FORBIDDEN, why, "another credential");
    return why === undefined;
  }

  #refuse(request: PassingRequest, status: number, text: string, why: string): void {
    this.#report(`refused a request to the agent's service: ${why.slice(0, 200)}`);
    request.refuse({ status, text: `${text}\n`, why });
  }
}
