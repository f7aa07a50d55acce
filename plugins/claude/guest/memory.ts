import { escapeLine } from "../../../core/index.ts";
import type { Setting } from "./files.ts";

/** Where it stands: with the managed settings, before what the user or the checkout tell the agent. */
export const MEMORY_FILE = "/etc/claude-code/CLAUDE.md";

/** The paragraph of the agent's memory that says where it is, what it can reach, and what it has to hand back. */
export function memory({ project, network }: Pick<Setting, "project" | "network">): string {
  return `# Where you are

You work inside a cloche machine: a throwaway virtual machine made for this session.

- The project is ${escapeLine(project)}. It is the user's own directory, shared with the user's computer: what you write there is there at once. Everything else in this machine, installed packages and files outside the project included, is gone when the session ends.
- What the user's computer would run by itself is frozen in the project: git's configuration and hooks, editors' and agents' settings, .envrc, .npmrc and the like. "Read-only file system", "Device or resource busy" and "Invalid cross-device link" there mean that; empty directories with such names only keep the place. Hand such changes, and git remotes, tracking and branch renames, back to the user.
- You are the user "agent", without root. You hold no login, key or token of the user's: what looks like one is a placeholder, which the way out replaces in requests to the one host that it is for. Sent anywhere else it is refused.
- ${network} A host that is refused is not an outage: do not look for a way round.

Hand back to the user, with the exact command to run, what is refused or cannot be done here: pushing where it is refused, publishing and deploying, logging in anywhere, anything that needs a host which is refused, and anything that needs the user's own computer, such as its browser or its other directories. Commit locally when that is asked for.
`;
}
