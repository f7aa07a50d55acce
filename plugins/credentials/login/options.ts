import { z } from "zod";
import { FEATURES } from "../gateway/service/features.ts";
import { source } from "../secrets/options.ts";

/** How the agent's service knows the user. */
export const login = z
  .enum(["auto", "key", "token", "host", "inside", "none"])
  .default("auto")
  .describe("How the agent logs in: key (keySource), token (CLAUDE_CODE_OAUTH_TOKEN), host (the login of the host's own Claude), inside (anew in each session), none; auto takes the first of key, token and host that is there");

/** Where the API key comes from. */
export const keySource = source.prefault({ env: "ANTHROPIC_API_KEY" }).describe("Where the API key of the agent's service comes from");

/** Whether the host's login is renewed. */
export const refreshLogin = z.boolean().default(false).describe("Whether an expired login of the host's own Claude is renewed by running it with a short question");

/** What of the service the agent may use beyond answers. */
export const service = z.strictObject({
  allow: z
    .array(z.string().regex(/^([a-z_]+|(field|tool|block|source|path):[\x21-\x7e]{1,120})$/, "This is not the name of a feature"))
    .max(100)
    .default([])
    .describe(`What the agent's service may do beyond answering: ${FEATURES.join(", ")}, or what a refusal names`),
});

/** The part of the options that is about logging in. */
export interface LoginOptions {
  readonly login: z.output<typeof login>;
  readonly keySource: z.output<typeof keySource>;
  readonly refreshLogin: boolean;
  readonly service: z.output<typeof service>;
}
