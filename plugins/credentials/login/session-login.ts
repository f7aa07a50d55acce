import { hide, type GuestFile } from "../../../core/index.ts";
import type { CredentialOptions, ServiceOptions, SigningOptions } from "../gateway/options.ts";
import type { Source } from "../secrets/options.ts";
import { placeholderFor } from "../secrets/placeholder.ts";
import { readSource, type SourceReach } from "../secrets/source.ts";
import { secretInValue } from "../staging/suspicious.ts";
import { guestLogin } from "./guest-login.ts";
import type { ModelGateway } from "./model-gateway.ts";
import { KEY_VARIABLE, type Way } from "./ways.ts";

/** The agent's own service. */
export const OWN_SERVICE = { host: "api.anthropic.com", port: 443 } as const;

/** A way to log in, made ready: what the gateway knows, and what the guest has instead. */
export interface SessionLogin {
  readonly services: readonly ServiceOptions[];
  readonly variables: Readonly<Record<string, string>>;
  readonly files: readonly GuestFile[];
}

// Shapes of the tokens of a login, for placeholders of what is not known here.
const ACCESS = "sk-ant-oat01-";
const REFRESH = "sk-ant-ort01-";

/** Reads what the way needs and makes placeholders for it. Throws CREDENTIALS_SECRET_UNUSABLE. */
export async function readyLogin(way: Way, options: { readonly allow: readonly string[]; readonly refreshLogin: boolean }, reach: SourceReach): Promise<SessionLogin> {
  const own = (credential: CredentialOptions): ServiceOptions => ({ dialect: "anthropic", ...OWN_SERVICE, base: "", allow: options.allow, credential, headers: [] });
  switch (way.kind) {
    case "key":
    case "token": {
      const what = way.kind === "key" ? "The API key of the agent's service" : "The token of the agent's service";
      const value = await readSource(what, way.source, reach);
      const placeholder = placeholderFor(value);
      const credential = { kind: "fixed", header: way.kind === "key" ? "x-api-key" : "authorization", value, placeholder } as const;
      return { services: [own(credential)], variables: { [way.kind === "key" ? KEY_VARIABLE : "CLAUDE_CODE_OAUTH_TOKEN"]: placeholder }, files: [] };
    }
    case "host": {
      const placeholder = placeholderFor(ACCESS);
      const refreshPlaceholder = placeholderFor(REFRESH);
      const credential = { kind: "host login", placeholder, refresh: options.refreshLogin } as const;
      return { services: [own(credential)], variables: {}, files: [guestLogin(way.file, placeholder, refreshPlaceholder)] };
    }
    case "inside": {
      const credential = { kind: "login inside", placeholder: placeholderFor(ACCESS), refreshPlaceholder: placeholderFor(REFRESH) } as const;
      return { services: [own(credential)], variables: {}, files: [] };
    }
    case "model gateway":
      return await readyModelGateway(way, options.allow, own({ kind: "none" }), reach);
    case "none":
      return { services: [own({ kind: "none" })], variables: {}, files: [] };
  }
}

async function readyModelGateway({ gateway }: Extract<Way, { kind: "model gateway" }>, allow: readonly string[], own: ServiceOptions, reach: SourceReach): Promise<SessionLogin> {
  const { dialect, host, port, base, headers, credential, variables, placeholderIn } = gateway;
  for (const [, header] of headers) if (secretInValue(header) !== undefined) hide(header);
  if ("keyId" in credential) {
    const { options, placeholders } = await readySigning(credential, reach);
    return { services: [{ dialect, host, port, base, allow, credential: options, headers }, own], variables: { ...variables, ...placeholders }, files: [] };
  }
  const value = await readSource(`The credential for ${host}`, credential.source, reach);
  const placeholder = placeholderFor(value);
  const kept: CredentialOptions = credential.asked ? { kind: "asked" } : { kind: "fixed", header: credential.header, value, placeholder };
  const service: ServiceOptions = { dialect, host, port, base, allow, credential: kept, headers };
  const isOwn = host === own.host && port === own.port;
  return {
    services: isOwn ? [service] : [service, own],
    variables: { ...variables, ...(placeholderIn !== undefined && { [placeholderIn]: placeholder }) },
    files: [],
  };
}

/** Amazon's keys for the gateway, and placeholders of them with which the guest signs. */
async function readySigning({ keyId, secretKey, sessionToken, region }: Extract<ModelGateway["credential"], { keyId: unknown }>, reach: SourceReach): Promise<{ readonly options: SigningOptions; readonly placeholders: Readonly<Record<string, string>> }> {
  const read = async (what: string, source: Source) => await readSource(`The ${what} for Bedrock`, source, reach);
  const [id, secret, token] = await Promise.all([read("key id", keyId), read("secret key", secretKey), sessionToken && read("session token", sessionToken)]);
  const placeholder = `AKIA${placeholderFor("").toUpperCase().slice(0, 16)}`;
  return {
    options: { kind: "signed", keyId: id, secretKey: secret, sessionToken: token, region, placeholder },
    placeholders: { AWS_ACCESS_KEY_ID: placeholder, AWS_SECRET_ACCESS_KEY: placeholderFor(secret) },
  };
}
