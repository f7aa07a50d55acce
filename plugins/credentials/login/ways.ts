import { existsSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../failures.ts";
import type { Source } from "../secrets/options.ts";
import type { HostPlaces } from "../staging/places.ts";
import { readModelGateway, type ModelGateway } from "./model-gateway.ts";
import type { LoginOptions } from "./options.ts";

/**
 * The variable of the agent's command that holds its key. Under the host's name Claude Code would ask whether to use it, and remember
 * the answer by writing the key's end to a file.
 */
export const KEY_VARIABLE = "AGENT_API_KEY";

/** How the agent logs in, in this session. */
export type Way =
  | { readonly kind: "key"; readonly source: Source }
  | { readonly kind: "token"; readonly source: Source }
  | { readonly kind: "host"; readonly file: string }
  | { readonly kind: "model gateway"; readonly gateway: ModelGateway }
  | { readonly kind: "inside" }
  | { readonly kind: "none" };

/** The host's variables, by name. */
export type HostEnv = Readonly<Record<string, string | undefined>>;

const TOKEN = "CLAUDE_CODE_OAUTH_TOKEN";

/** Where the host's own Claude keeps its login. */
export function hostLoginFile(places: Pick<HostPlaces, "home" | "agentConfig">): string {
  return join(places.agentConfig ?? join(places.home, ".claude"), ".credentials.json");
}

/** Chooses the way; throws CREDENTIALS_LOGIN_MISSING when the one that was named is not there, and what the model gateway throws. */
export function chooseWay(options: LoginOptions, env: HostEnv, places: Pick<HostPlaces, "home" | "agentConfig">): Way {
  const { login, keySource } = options;
  const missing = (why: string) => fail("CREDENTIALS_LOGIN_MISSING", { login, why });
  const gateway = login === "none" || login === "inside" || login === "host" ? undefined : readModelGateway(env, keySource);
  if (gateway) return { kind: "model gateway", gateway };
  const hasKey = !("env" in keySource) || Boolean(env[keySource.env]);
  const file = hostLoginFile(places);
  switch (login) {
    case "key":
      if (!hasKey) throw missing(`${"env" in keySource ? `the variable ${keySource.env} is not set` : "there is no key"}`);
      return { kind: "key", source: keySource };
    case "token":
      if (!env[TOKEN]) throw missing(`the variable ${TOKEN} is not set`);
      return { kind: "token", source: { env: TOKEN } };
    case "host":
      if (!existsSync(file)) throw missing(`there is no ${file}`);
      return { kind: "host", file };
    case "inside":
    case "none":
      return { kind: login };
    case "auto":
      if (hasKey) return { kind: "key", source: keySource };
      if (env[TOKEN]) return { kind: "token", source: { env: TOKEN } };
      return existsSync(file) ? { kind: "host", file } : { kind: "none" };
  }
}

/** The ways to log in, a sentence each, with the kinds that are this way. */
export const WAYS: readonly { readonly kinds: readonly Way["kind"][]; readonly sentence: string }[] = [
  { kinds: ["key", "model gateway"], sentence: "With an API key: set ANTHROPIC_API_KEY, or name your keyring's entry in credentials.keySource." },
  { kinds: ["token", "host"], sentence: "With your Claude login: log in with `claude` on this host, or set CLAUDE_CODE_OAUTH_TOKEN to what `claude setup-token` prints." },
  { kinds: ["inside"], sentence: "Inside, anew in each session: start with --set credentials.login=inside and log in there; it ends with the session." },
];

/** The way that was taken, in a sentence. */
export function inWords(way: Way): string | undefined {
  switch (way.kind) {
    case "key":
      return "The agent uses your API key, which stays on this host.";
    case "token":
      return `The agent uses your ${TOKEN}, which stays on this host.`;
    case "host":
      return "The agent uses the login of this host's own Claude, which stays here.";
    case "model gateway":
      return `The agent uses ${way.gateway.shown}${way.gateway.plain ? " over plain HTTP, as ANTHROPIC_BASE_URL says" : ""}, and your credential for it stays on this host.`;
    case "inside":
      return "Log in inside: what you get there ends with the session, and is not kept in the machine.";
    case "none":
      return undefined;
  }
}
