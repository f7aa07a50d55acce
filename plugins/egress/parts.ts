import type { Duplex } from "node:stream";
import type { AsyncSeriesBailHook, AsyncSeriesHook, SyncBailHook } from "tapable";

/** A connection or a request that somebody in the guest wants to make; the user's policy has said yes to it. */
export interface Asked {
  readonly kind: "connection" | "request";
  /** Canonical host name. */
  readonly name: string;
  readonly port: number;
  /** Of requests only. */
  readonly method?: string;
  /** Of requests only: the path with its query, as it came. */
  readonly path?: string;
}

/** A no, and why, for the audit and for the client. */
export interface Denial {
  readonly why: string;
}

/** What a client is answered instead of what it wanted. */
export interface Refusal {
  /** HTTP status, 400 to 599. */
  readonly status: number;
  /** Body in plain text: what was refused and how the user can allow it. */
  readonly text: string;
  /** For the audit; the text when not given. Never a secret. */
  readonly why?: string;
}

/** The header fields of a message in their order, names compared without case. */
export interface HeaderFields {
  /** All values of the name joined by ", "; undefined when there is none. */
  get(name: string): string | undefined;
  getAll(name: string): readonly string[];
  has(name: string): boolean;
  /** Replaces every value of the name. */
  set(name: string, value: string): void;
  append(name: string, value: string): void;
  delete(name: string): void;
  entries(): readonly (readonly [name: string, value: string])[];
}

/**
 * A request on its way to the host, its body still to come. What is changed here is what the host gets; its Host, framing and
 * the headers of one connection are not for parts to change.
 */
export interface PassingRequest {
  readonly name: string;
  readonly port: number;
  /** Whether it came over TLS, which the gateway took off, and puts on again unless a plugin leads it to a host that has none; false for plain HTTP. */
  readonly secure: boolean;
  readonly method: string;
  /** Path with its query; begins with "/". */
  path: string;
  readonly headers: HeaderFields;
  /** "websocket" or what else the connection is to become; then the bodies of request and response are its bytes each way. */
  readonly upgrade: string | undefined;
  /** Whether a body may follow. */
  readonly hasBody: boolean;
  /**
   * Puts a stream between, through which the body runs: the first one added is nearest to its sender. The host gets nothing,
   * the head neither, before the last of them gives its first byte or ends. Its length is unknown from then on, unless every one
   * of them says that it changes nothing of it; one that does and then wants to end the body must refuse the request.
   */
  transformBody(stream: Duplex, promise?: { readonly sameLength: boolean }): void;
  /** Answers the client instead; also later, while the body runs, unless the answer has begun: then the connection breaks. */
  refuse(refusal: Refusal): void;
}

/** An answer on its way to the guest, its body still to come. */
export interface PassingResponse {
  readonly request: PassingRequest;
  readonly status: number;
  readonly headers: HeaderFields;
  /** As for requests. Bodies come as they were sent, compressed where Content-Encoding says so. */
  transformBody(stream: Duplex, promise?: { readonly sameLength: boolean }): void;
  /** Runs over the fields that follow the body. */
  changeTrailers(change: (trailers: HeaderFields) => void): void;
  /** Answers the client with this instead. */
  refuse(refusal: Refusal): void;
}

/**
 * Where a part takes part. A tap that throws, or takes more than 30 s, refuses the request or connection that it was called for, and the
 * audit names the part. Taps may be async, whichever way they are tapped.
 */
export interface GatewayHooks {
  /** Whether this host and port is to be intercepted: true when it is. One part that says so is enough. */
  readonly intercept: SyncBailHook<[name: string, port: number], boolean>;
  /** Connections and requests that the policy allows; a denial wins, whoever else has no objection. */
  readonly decide: AsyncSeriesBailHook<[Asked], Denial | undefined>;
  /** Requests in plain HTTP and of intercepted names. */
  readonly request: AsyncSeriesHook<[PassingRequest]>;
  /** The answers to them; 101 when a connection becomes something else. */
  readonly response: AsyncSeriesHook<[PassingResponse]>;
}

/** The gateway as a part sees it. */
export interface GatewayEnd {
  readonly hooks: GatewayHooks;
  /** Writes a line into the audit, and tells the user. Never a secret. */
  report(text: string, about?: { readonly name?: string; readonly port?: number }): void;
  /** Asks the plugin's own end, see `Contribution.answer`; both are plain data, at most 1 MiB. Throws what it throws. */
  ask(question: unknown): Promise<unknown>;
  /** Answers what the plugin's own end asks. */
  answer(answerer: (question: unknown) => unknown): void;
}

/**
 * What the module of a part exports by default; it is called once, before the first connection. It runs confined, in the gateway's
 * process: it sees no user's files and no other processes, and writes nothing. What it needs of the host it asks its plugin for.
 */
export type GatewayPart<O = never> = (gateway: GatewayEnd, options: O) => void | Promise<void>;

/** What a plugin adds to the gateway. */
export interface Contribution {
  /** The plugin's name. */
  readonly by: string;
  /** Its module, `new URL("gateway-part.ts", import.meta.url)`; ".ts" becomes ".js" where the plugin runs compiled. */
  readonly module: URL;
  /** Plain data for the module. It goes to the gateway's memory and nowhere else, so it may hold secrets. */
  readonly options?: unknown;
  /** Answers what the part asks. */
  answer?(question: unknown): unknown;
}

/** A part as its plugin sees it. */
export interface Contributed {
  /** Asks the part; throws before the gateway runs, and what the part throws. */
  ask(question: unknown): Promise<unknown>;
}

declare module "../../core/services.ts" {
  interface Contracts {
    gatewayPart: GatewayPart;
    passingRequest: PassingRequest;
    passingResponse: PassingResponse;
  }
}
