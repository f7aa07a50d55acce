import { z } from "zod";
import { DEFAULT_VERSION } from "./install/release.ts";

/** What a user may say of Claude Code; a project's file may say nothing of it. */
export const options = z.strictObject({
  version: z
    .string()
    .regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}(-[0-9A-Za-z.-]{1,40})?$/, "not an exact version such as 2.1.330")
    .default(DEFAULT_VERSION)
    .describe("Exact version of the npm package @anthropic-ai/claude-code to install"),
  skipPermissions: z
    .boolean()
    .default(true)
    .describe("Launch with --dangerously-skip-permissions, so that the agent never stops to ask; the machine is what holds it"),
  keep: z
    .boolean()
    .default(false)
    .describe("Keep the agent's transcripts and memory of a project for its next session, in cloche's own state directory; then -c and --resume work"),
  statusLine: z
    .boolean()
    .default(true)
    .describe("Show below the agent's input which session it runs in, and what the network refused; false leaves the place to your own"),
  bell: z
    .boolean()
    .default(true)
    .describe("Have the agent ring the terminal's bell when it waits for you, by which your desktop can tell you; false leaves it to your own settings"),
});
