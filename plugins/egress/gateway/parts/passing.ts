import type { Duplex } from "node:stream";
import type { PassingRequest, PassingResponse, Refusal } from "../../parts.ts";
import { Fields } from "../http/fields.ts";

const LEAST_STATUS = 400;
const MOST_STATUS = 599;

/** A message on its way through the gateway, as parts see it and as the relay uses it. */
export abstract class Passing {
  readonly headers: Fields;
  /** What the body runs through, in this order. */
  readonly transforms: Duplex[] = [];
  #keepsLength = true;
  #refused: Refusal | undefined;
  #onRefused: (refusal: Refusal) => void = () => {};

  constructor(rawHeaders: readonly string[]) {
    this.headers = new Fields(rawHeaders);
  }

  /** The first refusal, if there was one. */
  get refused(): Refusal | undefined {
    return this.#refused;
  }

  /** Whether the body's length is what its sender said. */
  get keepsLength(): boolean {
    return this.#keepsLength;
  }

  transformBody(stream: Duplex, { sameLength }: { readonly sameLength: boolean } = { sameLength: false }): void {
    this.transforms.push(stream);
    if (sameLength) return;
    this.#keepsLength = false;
    this.headers.delete("content-length");
  }

  refuse(refusal: Refusal): void {
    if (this.#refused) return;
    const status = refusal.status >= LEAST_STATUS && refusal.status <= MOST_STATUS ? Math.trunc(refusal.status) : LEAST_STATUS;
    this.#refused = { ...refusal, status };
    this.#onRefused(this.#refused);
  }

  /** Says who hears of a refusal from now on. */
  whenRefused(hear: (refusal: Refusal) => void): void {
    this.#onRefused = hear;
  }
}

/** What of a request does not change. */
export type RequestFacts = Pick<PassingRequest, "name" | "port" | "secure" | "method" | "upgrade" | "hasBody">;

/** A request on its way to the host. */
export class RequestPassing extends Passing implements PassingRequest {
  readonly name: string;
  readonly port: number;
  readonly secure: boolean;
  readonly method: string;
  readonly upgrade: string | undefined;
  readonly hasBody: boolean;
  path: string;

  constructor(facts: RequestFacts, path: string, rawHeaders: readonly string[]) {
    super(rawHeaders);
    this.name = facts.name;
    this.port = facts.port;
    this.secure = facts.secure;
    this.method = facts.method;
    this.upgrade = facts.upgrade;
    this.hasBody = facts.hasBody;
    this.path = path;
  }
}

/** An answer on its way to the guest. */
export class ResponsePassing extends Passing implements PassingResponse {
  readonly request: PassingRequest;
  readonly status: number;
  readonly #changes: ((trailers: Fields) => void)[] = [];

  constructor(request: PassingRequest, status: number, rawHeaders: readonly string[]) {
    super(rawHeaders);
    this.request = request;
    this.status = status;
  }

  changeTrailers(change: (trailers: Fields) => void): void {
    this.#changes.push(change);
  }

  /** The trailers as they go on, names and values in turn; undefined when a part failed with them, so that nothing may go on. */
  trailersFor(raw: readonly string[]): string[] | undefined {
    const trailers = new Fields(raw);
    try {
      for (const change of this.#changes) change(trailers);
    } catch {
      return undefined; // it runs in an event, where what is thrown would end the gateway
    }
    return trailers.raw();
  }
}
