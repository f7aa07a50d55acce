import type { GuestFile } from "../../../core/index.ts";
import type { CredentialOptions, ServiceOptions } from "../gateway/options.ts";
import { placeholderFor } from "../secrets/placeholder.ts";
import { readSource, type SourceReach } from "../secrets/source.ts";
import { guestLogin } from "./guest-login.ts";
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
