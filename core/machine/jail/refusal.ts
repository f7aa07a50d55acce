import { readFileSync } from "node:fs";
import { fail } from "../failures.ts";

/** Where the kernel says whether normal users may make user namespaces, by what stands there when they may not. */
const LOCKS = [
  {
    file: "/proc/sys/user/max_user_namespaces",
    shut: "0",
    bindsRoot: true,
    why: "the system allows no user namespaces (user.max_user_namespaces is 0)",
    hint: "Run: sudo sysctl -w user.max_user_namespaces=15000",
  },
  {
    file: "/proc/sys/kernel/unprivileged_userns_clone",
    shut: "0",
    bindsRoot: false,
    why: "only root may make user namespaces (kernel.unprivileged_userns_clone is 0)",
    hint: "Run: sudo sysctl -w kernel.unprivileged_userns_clone=1",
  },
  {
    file: "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    shut: "1",
    bindsRoot: false,
    why: "AppArmor keeps user namespaces from programs without a profile (as on Ubuntu 24.04)",
    hint: "`cloche doctor` shows the few lines of a profile that allows them to bwrap alone.",
  },
] as const;

/** Why a jail's network could not be made: the known lock that is shut, or else what bwrap said. */
export function refusal(detail: string, read: (file: string) => string = readOrNothing, isRoot = process.getuid?.() === 0): Error {
  const lock = LOCKS.find(({ file, shut, bindsRoot }) => (bindsRoot || !isRoot) && read(file).trim() === shut);
  return lock ? fail("NAMESPACES_REFUSED", { why: lock.why, hint: lock.hint, detail }) : fail("NETWORK_FAILED", { detail });
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // this kernel has no such lock
  }
}
