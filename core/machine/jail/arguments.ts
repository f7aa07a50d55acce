import type { JailedCommand } from "../containment.ts";
import { systemTree } from "./tree.ts";

/** The owner of everything in the jail, whoever runs us outside; the guest's agent has the same number. */
export const JAIL_ID = 1000;

// The program starts only at our word: by then everything that ends the jail with us is in place, and when we die before, reading fails.
const GATE = `
ulimit -c 0
ulimit -S -l "$(ulimit -H -l)" 2>/dev/null
echo up
read -r go || exit 1
exec "$@" </dev/null >/dev/null
`;

/** Arguments of bwrap for a jailed program; its network is that of whoever runs bwrap. */
export function jailArguments(command: JailedCommand, seccompFd: number): string[] {
  return [
    ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...["--uid", `${JAIL_ID}`, "--gid", `${JAIL_ID}`, "--hostname", "cloche"],
    ...["--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL", "--seccomp", `${seccompFd}`],
    ...systemTree(command.systemRoot),
    // Root of the host owns what is writable in /proc, capabilities or not; sysrq-trigger, sys and bus are only some of it.
    ...["--proc", "/proc", "--remount-ro", "/proc"],
    ...["--dev", "/dev", ...command.devices.flatMap((path) => ["--dev-bind", path, path]), "--remount-ro", "/dev"],
    ...["--tmpfs", "/tmp"],
    ...command.binds.flatMap(({ source, target, readOnly }) => [readOnly ? "--ro-bind" : "--bind", source, target]),
    ...["--remount-ro", "/", "--chdir", "/"],
    ...["--", "/bin/sh", "-c", GATE, "gate", ...command.argv],
  ];
}
