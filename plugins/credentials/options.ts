import { z } from "zod";
import { stageOptions } from "./staging/options.ts";

/** What a user may say of credentials; a project's file may say nothing of them. */
export const options = z.strictObject({
  apiKey: z
    .enum(["environment", "none"])
    .default("environment")
    .describe("Where the agent's API key comes from: ANTHROPIC_API_KEY in your environment, or no key crosses at all"),
  stage: stageOptions.prefault({}).describe("Which of your configuration crosses into the guest"),
});

/** The options as they reach the plugin. */
export type CredentialsOptions = z.output<typeof options>;
