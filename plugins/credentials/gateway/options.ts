import type { Swap } from "./secrets/swap.ts";

/**
 * What the gateway, which sees no file of the user's, asks of the plugin's end: the login of the host's own agent, to have that renewed,
 * and a token that soon ends.
 */
export const QUESTIONS = { login: "the login", refresh: "refresh the login", token: "a token" } as const;

/** What the part of credentials in the gateway is given; it holds the real values, and goes to the gateway's memory alone. */
export interface GatewayOptions {
  readonly swaps: readonly Swap[];
  /** The one that the agent uses, and the agent's own where that is another: nobody speaks to that with a credential of theirs. */
  readonly services: readonly ServiceOptions[];
  readonly git: readonly GitHost[];
}

/** How a service is spoken to: as the agent's own is, or as models are at Amazon and Google. */
export type Dialect = "anthropic" | "bedrock" | "vertex";

/** A service that the agent speaks to. */
export interface ServiceOptions {
  readonly dialect: Dialect;
  /** Canonical host name. */
  readonly host: string;
  readonly port: number;
  /** What its paths begin with: "" or such as "/anthropic". */
  readonly base: string;
  /** Features and paths that the user allows by name. */
  readonly allow: readonly string[];
  readonly credential: CredentialOptions;
  /** Further headers for every request, names and values. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** How the service knows the user. */
export type CredentialOptions =
  /** A key of the API, or a token. */
  | { readonly kind: "fixed"; readonly header: "x-api-key" | "authorization"; readonly value: string; readonly placeholder: string }
  /** The login that the host's own agent keeps in a file; the plugin reads it for each request, and never writes it. */
  | { readonly kind: "host login"; readonly placeholder: string; readonly refresh: boolean }
  /** A login that is made inside and known to the gateway alone. */
  | { readonly kind: "login inside"; readonly placeholder: string; readonly refreshPlaceholder: string }
  /** A token that soon ends; the plugin is asked for it again and again, and every request gets it. */
  | { readonly kind: "asked" }
  | SigningOptions
  | { readonly kind: "none" };

/** Keys of Amazon's: the guest signs with placeholders of them, and the gateway signs anew. */
export interface SigningOptions {
  readonly kind: "signed";
  readonly keyId: string;
  readonly secretKey: string;
  readonly sessionToken: string | undefined;
  readonly region: string;
  /** What the guest has in the place of the key's id. */
  readonly placeholder: string;
}

/** A host with repositories that the guest may use with the user's token. */
export interface GitHost {
  readonly host: string;
  readonly user: string;
  readonly token: string;
  /** What may be done with each: paths such as "me/project", without ".git". */
  readonly repositories: readonly { readonly path: string; readonly push: boolean }[];
}
