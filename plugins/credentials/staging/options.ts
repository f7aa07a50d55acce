import { z } from "zod";

const crosses = (what: string, byDefault = true) => z.boolean().default(byDefault).describe(`Whether ${what} cross into the guest`);

/** Which of the user's configuration crosses. */
export const stageOptions = z.strictObject({
  settings: crosses("the agent's settings, those on a list of good ones,"),
  memory: crosses("your own CLAUDE.md and rules"),
  commands: crosses("your commands"),
  agents: crosses("your agents"),
  skills: crosses("your skills"),
  outputStyles: crosses("your output styles"),
  keyBindings: crosses("your key bindings"),
  plugins: crosses("the agent's installed plugins", false),
  preferences: crosses("the agent's preferences and your trust in this project"),
  git: crosses("your git identity, harmless settings of git and your ignores"),
  mcpServers: z.array(z.string().max(100)).max(100).default([]).describe("Names of your MCP servers that cross, without their secret values"),
  programs: z
    .array(z.string().max(500))
    .max(100)
    .default([])
    .describe("Programs of the guest that hooks and the status line may run: names, or files below ~/.claude, which cross for it"),
});

/** The options as they reach the plugin. */
export type StageOptions = z.output<typeof stageOptions>;
