import { z } from "zod";

/** What a user may say of credentials; a project's file may say nothing of them. */
export const options = z.strictObject({
  apiKey: z
    .enum(["environment", "none"])
    .default("environment")
    .describe("Where the agent's API key comes from: ANTHROPIC_API_KEY in your environment, or no key crosses at all"),
});

/** The options as they reach the plugin. */
export type CredentialsOptions = z.output<typeof options>;
