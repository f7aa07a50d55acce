import type { CredentialOptions } from "../options.ts";
import { formsOf, type Needle } from "../streams/needles.ts";
import { loginAdvice, readHostLogin } from "./host-login.ts";
import type { InsideLogin } from "./inside-login.ts";

/** What proves to the service who asks, or why there is none. */
export type Proof = { readonly header: "x-api-key" | "authorization"; readonly value: string } | { readonly why: string };

/** The user's credential for the agent's service. */
export interface Credential {
  /** What the guest has in its place; undefined when it has none. */
  readonly placeholder: string | undefined;
  prove(): Promise<Proof>;
  /** The real values that are known, with what takes their places in answers. */
  needles(): readonly Needle[];
}

const NONE = "this session has no credential for the agent's service";
// A login that ends while a request is under way is of no use.
const MARGIN_MS = 30_000;

/** Makes the credential; `refresh` has the host's own agent renew its login, `inside` is where a login made inside is kept. */
export function makeCredential(options: CredentialOptions, refresh: () => Promise<void>, inside: InsideLogin | undefined): Credential {
  switch (options.kind) {
    case "fixed":
      return fixed(options.header, options.value, options.placeholder);
    case "host login":
      return hostLogin(options, refresh);
    case "login inside":
      return {
        placeholder: options.placeholder,
        prove: async () => (inside?.accessToken === undefined ? { why: "nobody has logged in yet" } : { header: "authorization", value: `Bearer ${inside.accessToken}` }),
        needles: () => inside?.needles() ?? [],
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

function hostLogin({ file, placeholder, refresh: mayRefresh }: Extract<CredentialOptions, { kind: "host login" }>, refresh: () => Promise<void>): Credential {
  return {
    placeholder,
    async prove() {
      let login = readHostLogin(file);
      const isOver = (): boolean => login !== undefined && login.expiresAt < Date.now() + MARGIN_MS;
      if (isOver() && mayRefresh) {
        await refresh();
        login = readHostLogin(file);
      }
      if (!login || isOver()) return { why: loginAdvice(login) };
      return { header: "authorization", value: `Bearer ${login.accessToken}` };
    },
    needles() {
      const { accessToken, refreshToken } = readHostLogin(file) ?? {};
      return [accessToken, refreshToken].flatMap((token) => (token === undefined ? [] : formsOf(token, placeholder)));
    },
  };
}
