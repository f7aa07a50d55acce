import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { systemTool } from "../../core/index.ts";

/** What the gateway's process may see of the host's files besides the system. */
export interface Sight {
  /** Directories that it writes in. */
  readonly writable: readonly string[];
  /** Files of programs that it runs: their directories, and the packages above them, are readable. */
  readonly programs: readonly string[];
  /** Directories that it shall not see, wherever they are. */
  readonly hidden: readonly string[];
}

/** What a confined program is: not seen are users' files, and sockets by which other programs can be told what to do. */
const HIDDEN = ["/home", "/root", "/tmp", "/var/tmp", "/run", "/mnt", "/media"];
const RESOLV_CONF = "/etc/resolv.conf";

// No core dump of a process that holds secrets; and what it takes of memory ends it, not the host. In KiB.
const LIMITS = `ulimit -c 0; ulimit -d ${2 * 1024 * 1024}`;
// A batch process waits for a processor that is free instead of taking the one of a guest's processor at each packet: it then finds more
// to do at once. It gets no less of its share. Where that cannot be had, it is only slower.
const AS_BATCH = "chrt -b -p 0 $$ >/dev/null 2>&1";

/**
 * The command that runs a program where it cannot write, cannot see the user's files or other processes, has no capability, and
 * leaves no core dump. It keeps the host's network, and yields to whoever is woken beside it. It adds about 10 ms to the start.
 */
export function confined(argv: readonly string[], { writable, programs, hidden }: Sight): readonly string[] {
  const veils = [...new Set([...HIDDEN, homedir(), ...hidden])].filter((path) => path !== "/" && existsSync(path)).map((path) => realpathSync(path));
  const isVeiled = (path: string): boolean => veils.some((veil) => path === veil || path.startsWith(`${veil}/`));
  const wanted = [...programs.flatMap((program) => packagesOf(program, veils)), { path: dirname(realOr(RESOLV_CONF)) }];
  const shown = [...new Map(wanted.filter(({ path }) => isVeiled(path)).map((place) => [place.path, place])).values()];
  return [
    systemTool("bwrap"), "--unshare-user", "--unshare-pid", "--as-pid-1", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent",
    "--cap-drop", "ALL", "--ro-bind", "/", "/", ...veils.toSorted().flatMap((path) => ["--tmpfs", path]), "--proc", "/proc", "--dev", "/dev",
    ...shown.flatMap(({ path, link }) => (link === undefined ? ["--ro-bind", path, path] : ["--symlink", link, path])), ...writable.flatMap((path) => ["--bind-try", path, path]), "--chdir", "/",
    "--", systemTool("sh"), "-c", `${AS_BATCH}; ${LIMITS}; exec "$@"`, "limits", ...argv,
  ];
}

/** A directory to be seen, or a link to one. */
interface Place {
  readonly path: string;
  readonly link?: string;
}

/** The directories that a program's imports are found in: its package, or else its own directory, and what is installed above. */
function packagesOf(program: string, veils: readonly string[]): readonly Place[] {
  const file = realOr(program);
  const above = ancestors(dirname(file));
  // a package.json in a home makes no package of all that is in it
  const own = above.find((path) => existsSync(join(path, "package.json")) && !veils.includes(path)) ?? dirname(file);
  const installed = above.map((path) => join(path, "node_modules")).filter((path) => existsSync(path)).flatMap((path) => {
    const [real, isSeen] = [realpathSync(path), path.startsWith(`${own}/`)];
    return [...(real === path || isSeen ? [] : [{ path, link: real }]), { path: real }];
  });
  return [{ path: own }, ...installed];
}

function ancestors(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [path, ...ancestors(parent)];
}

function realOr(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}
