import { failures } from "../../core/index.ts";

/** How getting Claude Code into an image can fail. */
export const fail = failures({
  CLAUDE_ARCHITECTURE: (f: { architecture: string }) => ({
    message: `There is no Claude Code for the processor architecture ${f.architecture}.`,
    hint: `Use a host with x64 or arm64, or disable the agent with "cloche plugin disable claude".`,
  }),
});
