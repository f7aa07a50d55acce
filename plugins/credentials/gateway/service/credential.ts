import type { PassingRequest } from "../contracts.ts";
import type { CredentialOptions } from "../options.ts";
import { formsOf, type Needle } from "../streams/needles.ts";
import { signAnew } from "./sign-anew.ts";
import { loginAdvice, type HostLogin } from "./host-login.ts";
import type { InsideLogin } from "./inside-login.ts";

/** What proves to the service who asks, or why there is none. */
export type Proof = { readonly header: "x-api-key" | "authorization"; readonly value: string } | { readonly why: string };

/** The user's credential for the agent's service. */
export interface Credential {
  /** What the guest has in its place; undefined when it has none. */
  readonly placeholder: string | undefined;
  /** Whether every request gets it, because the guest sends none. */
  readonly always?: boolean;
  prove(): Promise<Proof>;
  /** Where requests are signed instead: signs one anew, or answers why not. */
  sign?(request: PassingRequest): string | undefined;
  /** The real values that are known, with what takes their places in answers. */
  needles(): readonly Needle[];
}

const NONE = "this session has no credential for the agent's service";
// A login that ends while a request is under way is of no use.
const MARGIN_MS = 30_000;

/** What a credential asks of the plugin's end. */
export interface CredentialHelp {
  /** The login of the host's own agent as it is now. */
  login(): Promise<HostLogin | undefined>;
  /** Has the host's own agent renew it. */
  refresh(): Promise<void>;
  /** A token that soon ends. */
  token(): Promise<string>;
}

/** Makes the credential; `inside` is where a login made inside is kept. */
export function makeCredential(options: CredentialOptions, help: CredentialHelp, inside: InsideLogin | undefined): Credential {
  switch (options.kind) {
    case "fixed":
      return fixed(options.header, options.value, options.placeholder);
    case "host login":
      return hostLogin(options, help);
    case "login inside":
      return {
        placeholder: options.placeholder,
        prove: async () => (inside?.accessToken === undefined ? { why: "nobody has logged in yet" } : { header: "authorization", value: `Bearer ${inside.accessToken}` }),
        needles: () => inside?.needles() ?? [],
      };
    case "asked":
      return asked(help);
    case "signed":
      return {
        placeholder: options.placeholder,
        prove: async () => ({ why: NONE }),
        sign: (request) => signAnew(request, options, new Date()),
        needles: () => [options.secretKey, options.sessionToken].flatMap((value) => (value === undefined ? [] : formsOf(value, "x".repeat(value.length)))),
      };
    case "none":
      return { placeholder: undefined, prove: async () => ({ why: NONE }), needles: () => [] };
  }
}

function fixed(header: "x-api-key" | "authorization", value: string, placeholder: string): Credential {
  const needles = formsOf(value, placeholder);
  const proof: Proof = { header, value: header === "authorization" ? `Bearer ${value}` : value };
  return { placeholder, prove: async () => proof, needles: () => needles };
}

const TOKEN_AGE_MS = 20 * 60_000;

function asked({ token: ask }: CredentialHelp): Credential {
  let token: string | undefined;
  let askedAt = -Infinity;
  return {
    placeholder: undefined,
    always: true,
    async prove() {
      if (token === undefined || performance.now() - askedAt > TOKEN_AGE_MS) {
        token = await ask();
        askedAt = performance.now();
      }
      return { header: "authorization", value: `Bearer ${token}` };
    },
    needles: () => (token === undefined ? [] : formsOf(token, "x".repeat(token.length))),
  };
}

function hostLogin({ placeholder, refresh: mayRefresh }: Extract<CredentialOptions, { kind: "host login" }>, help: CredentialHelp): Credential {
  let known: HostLogin | undefined;
  return {
    placeholder,
    async prove() {
      known = await help.login();
      const isOver = (): boolean => known !== undefined && known.expiresAt < Date.now() + MARGIN_MS;
      if (isOver() && mayRefresh) {
        await help.refresh();
        known = await help.login();
      }
      if (!known || isOver()) return { why: loginAdvice(known) };
      return { header: "authorization", value: `Bearer ${known.accessToken}` };
    },
    needles: () => [known?.accessToken, known?.refreshToken].flatMap((token) => (token === undefined ? [] : formsOf(token, placeholder))),
  };
}
