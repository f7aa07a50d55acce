import { readFileSync } from "node:fs";
import type { GuestFile } from "../../../core/index.ts";
import { GUEST } from "../staging/places.ts";

const FAR_FUTURE_MS = Date.UTC(2100, 0);
const SCOPE = /^[a-z_]{1,30}(:[a-z_]{1,40}){1,3}$/;
const KIND = /^[a-z0-9_]{1,60}$/;

/** The login's file for the guest: what the agent shows of a login, with placeholders that never end in the place of the tokens. */
export function guestLogin(file: string, placeholder: string, refreshPlaceholder: string): GuestFile {
  const { scopes, subscriptionType, rateLimitTier } = hostFacts(file);
  const claudeAiOauth = {
    accessToken: placeholder,
    refreshToken: refreshPlaceholder,
    expiresAt: FAR_FUTURE_MS,
    scopes: Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === "string" && SCOPE.test(scope)) : ["user:inference"],
    ...(typeof subscriptionType === "string" && KIND.test(subscriptionType) && { subscriptionType }),
    ...(typeof rateLimitTier === "string" && KIND.test(rateLimitTier) && { rateLimitTier }),
  };
  return { path: `${GUEST.agentConfig}/.credentials.json`, content: `${JSON.stringify({ claudeAiOauth })}\n`, mode: 0o600 };
}

function hostFacts(file: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { claudeAiOauth?: Record<string, unknown> }).claudeAiOauth ?? {};
  } catch {
    return {};
  }
}
