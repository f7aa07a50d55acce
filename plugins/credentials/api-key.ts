import { hide } from "../../core/index.ts";
import { fail } from "./failures.ts";
import type { CredentialsOptions } from "./options.ts";

/** Where the host keeps the key. */
export const HOST_VARIABLE = "ANTHROPIC_API_KEY";

/**
 * Where the agent's command finds the key. Under the host's name Claude Code would ask whether to use it, and remember the answer
 * by writing the key's end to a file.
 */
export const GUEST_VARIABLE = "AGENT_API_KEY";

/** The user's key, hidden from every log from now on; undefined when there is none or the user wants none to cross. */
export function findApiKey(options: CredentialsOptions, hostEnv: Readonly<Record<string, string | undefined>>): string | undefined {
  if (options.apiKey === "none") return undefined;
  const key = hostEnv[HOST_VARIABLE];
  if (!key) return undefined;
  hide(key);
  return key;
}

/** Throws CREDENTIALS_KEY_UNUSABLE for what could not stand in a request's header. */
export function checkApiKey(key: string): void {
  if (!/^[\x21-\x7e]+$/.test(key)) throw fail("CREDENTIALS_KEY_UNUSABLE", { variable: HOST_VARIABLE });
}
