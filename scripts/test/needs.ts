import type { Need } from "../../core/doctor/needs.ts";

/** What only the tests use of the host. */
export const TEST_NEEDS: readonly Need[] = [
  { id: "tmux", programs: ["tmux"], purpose: "a terminal for the terminal tests", packages: { apt: "tmux", dnf: "tmux", pacman: "tmux", zypper: "tmux", apk: "tmux" } },
  { id: "git", programs: ["git"], purpose: "repositories for the tests", packages: { apt: "git", dnf: "git", pacman: "git", zypper: "git", apk: "git" } },
];
