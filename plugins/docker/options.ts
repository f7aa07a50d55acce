import { z } from "zod";

/** What a user may say of the engine; a project's file may say nothing of it. */
export const options = z.strictObject({
  required: z.boolean().default(true).describe("Whether a session ends when its engine does not come up; without it, the session goes on and says so"),
  mirror: z
    .url({ protocol: /^https?$/, error: "Write an http or https address" })
    .optional()
    .describe("Address of a pull-through mirror that images are fetched from first; its host is allowed too"),
  rootless: z.boolean().default(false).describe("Runs the engine as the agent's user, whom root in a container then is in the guest; slower"),
  memory: z
    .string()
    .regex(/^[1-9]\d?%$/, 'Write a share of the machine\'s memory, such as "50%"')
    .default("50%")
    .describe("Most memory that images and containers' files may take while there is no scratch disk (machine.scratch)"),
});

/** The options as they reach the plugin. */
export type DockerOptions = z.output<typeof options>;
