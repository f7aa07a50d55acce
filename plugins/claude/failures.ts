import { failures } from "../../core/index.ts";

/** How getting Claude Code into an image can fail. */
export const fail = failures({
  CLAUDE_ARCHITECTURE: (f: { architecture: string }) => ({
    message: `There is no Claude Code for the processor architecture ${f.architecture}.`,
    hint: `Use a host with x64 or arm64, or disable the agent with "cloche plugin disable claude".`,
  }),
  CLAUDE_NPM_MISSING: (_: Record<string, never>) => ({
    message: "Claude Code is an npm package, and there is no npm beside Node or on the PATH.",
    hint: "Install npm, for instance with the package manager that Node came from.",
  }),
  CLAUDE_NPM_FAILED: (f: { what: string; detail: string; hint: string }) => ({
    message: `npm could not get ${f.what}: ${f.detail}`,
    hint: f.hint,
  }),
  CLAUDE_NPM_LATE: (f: { what: string; deadlineMs: number }) => ({
    message: `npm did not get ${f.what} within ${f.deadlineMs / 1000} s.`,
    hint: "Look at the network, or at the registry in your npm configuration, and start again.",
  }),
  CLAUDE_CHECKSUM_UNKNOWN: (f: { what: string }) => ({
    message: `The npm registry has no sha512 checksum for ${f.what}.`,
    hint: "Choose another version with `claude.version`, or take the option out to get the one that is pinned.",
  }),
  CLAUDE_CHECKSUM_WRONG: (f: { what: string; expected: string; found: string }) => ({
    message: `What npm answered for ${f.what} is not the package that was published: its checksum is ${f.found} instead of ${f.expected}.`,
    hint: "Look at the registry or the mirror in your npm configuration. Nothing of it was installed.",
  }),
  CLAUDE_UNPACK_FAILED: (f: { what: string; detail: string }) => ({
    message: `${f.what} cannot be unpacked: ${f.detail}`,
    hint: "Start again; if it stays so, choose another version with `claude.version`.",
  }),
  CLAUDE_NO_SPACE: (f: { what: string; directory: string }) => ({
    message: `There is no space left for ${f.what} in ${f.directory}.`,
    hint: "It takes up to 1 GiB while it is installed. Make room, and start again.",
  }),
});
