import { NAMESPACES, type ProcessFacts } from "./process-facts.ts";

/** What a jailed process must look like. */
export interface Expected {
  /** Our own namespaces, none of which it may share. */
  readonly ours: ProcessFacts["namespaces"];
  /** The cell's network, such as "net:[4026532000]". */
  readonly network: string;
  /** The user that runs us. */
  readonly uid: number;
  /** Descriptors from 2 to below this number may be sockets: stderr and its byte streams. */
  readonly sockets: number;
  /** Paths in the jail at and below which it may write. */
  readonly writable: readonly string[];
}

/** One thing that is not as it must be. */
export interface Flaw {
  readonly check: string;
  readonly found: string;
}

// The shell of the gate sets some of these; they say nothing.
const HARMLESS_ENVIRONMENT = ["PWD", "OLDPWD", "SHLVL", "_"];
const NO_CAPABILITY = "0000000000000000";
// Kernel objects of the process itself; everything else was opened through a mount.
const OWN_OBJECT = /^(anon_inode:|pipe:|socket:|\/memfd:)/;

/** Everything about a process that is not as the jail must make it; empty when the jail holds. */
export function flawsOf(facts: ProcessFacts, expected: Expected): Flaw[] {
  return [
    ...namespaceFlaws(facts, expected),
    ...statusFlaws(facts.status, expected.uid),
    ...environmentFlaws(facts.environ),
    ...networkFlaws(facts.netDev),
    ...mountFlaws(facts.mountinfo, expected.writable),
    ...descriptorFlaws(facts, expected.sockets),
    ...flaw("core dumps", /^Max core file size\s+(\S+)\s+(\S+)/m.exec(facts.limits)?.slice(1).join(" "), "0 0"),
  ];
}

function flaw(check: string, found: string | undefined, wanted: string): Flaw[] {
  return found === wanted ? [] : [{ check, found: found ?? "nothing" }];
}

function namespaceFlaws({ namespaces }: ProcessFacts, { ours, network }: Expected): Flaw[] {
  const shared = NAMESPACES.filter((kind) => namespaces[kind] === ours[kind]);
  return [
    ...shared.map((kind) => ({ check: `${kind} namespace`, found: "the same as ours" })),
    ...flaw("network", namespaces.net, network),
  ];
}

function statusFlaws(status: string, uid: number): Flaw[] {
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1];
  const capabilities = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"];
  return [
    ...capabilities.flatMap((name) => flaw(name, field(name), NO_CAPABILITY)),
    ...flaw("NoNewPrivs", field("NoNewPrivs"), "1"),
    ...flaw("Seccomp", field("Seccomp"), "2"),
    ...flaw("Uid", field("Uid"), Array(4).fill(uid).join("\t")),
  ];
}

function environmentFlaws(environ: string): Flaw[] {
  const names = environ.split("\0").filter((entry) => entry !== "").map((entry) => entry.split("=")[0] ?? "");
  return names.filter((name) => !HARMLESS_ENVIRONMENT.includes(name)).map((name) => ({ check: "environment", found: name }));
}

function networkFlaws(netDev: string): Flaw[] {
  const interfaces = [...netDev.matchAll(/^\s*([^\s:|]+):/gm)].map(([, name]) => name);
  return flaw("network interfaces", interfaces.join(" "), "lo");
}

function mountFlaws(mountinfo: string, writable: readonly string[]): Flaw[] {
  const allowed = ["/tmp", "/dev/pts", ...writable];
  return mountsOf(mountinfo).flatMap(({ path, options }): Flaw[] => {
    const expected = path.startsWith("/dev/") || allowed.some((root) => path === root || path.startsWith(`${root}/`));
    return [
      ...(options.includes("ro") || expected ? [] : [{ check: "writable mount", found: path }]),
      ...(options.includes("nosuid") ? [] : [{ check: "mount that honours setuid", found: path }]),
      ...(options.includes("nodev") || path.startsWith("/dev/") ? [] : [{ check: "mount that honours devices", found: path }]),
    ];
  });
}

function descriptorFlaws({ files, mountinfo }: ProcessFacts, sockets: number): Flaw[] {
  const mounts = new Set(mountsOf(mountinfo).map(({ id }) => id));
  return files.flatMap(({ fd, link, mountId }): Flaw[] => {
    if (link.startsWith("socket:")) return fd >= 2 && fd < sockets ? [] : [{ check: "socket", found: `${fd} ${link}` }];
    const ours = OWN_OBJECT.test(link) || link === "/dev/null" || mounts.has(mountId);
    return ours ? [] : [{ check: "file from outside", found: `${fd} ${link}` }];
  });
}

/** Fields of `/proc/<pid>/mountinfo`, see proc(5); spaces in paths are written as octal there. */
function mountsOf(mountinfo: string): { id: string; path: string; options: readonly string[] }[] {
  const lines = mountinfo.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const [id = "", , , , path = "", options = ""] = line.split(" ");
    return { id, path, options: options.split(",") };
  });
}
