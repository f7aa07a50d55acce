import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Kinds of namespaces that a jail has of its own. */
export const NAMESPACES = ["user", "net", "pid", "ipc", "mnt", "uts"] as const;

/** An open file of a process, as `/proc` shows it from outside. */
export interface OpenFile {
  readonly fd: number;
  /** What the link says: a path, or "socket:[1]", "anon_inode:[eventfd]", "/memfd:name (deleted)". */
  readonly link: string;
  /** Number of the mount it was opened through. */
  readonly mountId: string;
}

/** What the kernel says of a process in a jail. */
export interface ProcessFacts {
  /** Such as "net:[4026531840]". */
  readonly namespaces: Readonly<Record<(typeof NAMESPACES)[number], string>>;
  readonly status: string;
  readonly limits: string;
  readonly environ: string;
  readonly mountinfo: string;
  /** The interfaces of its network. */
  readonly netDev: string;
  readonly files: readonly OpenFile[];
}

/** Reads what `/proc` tells of a process; throws what reading throws, since what cannot be read is not proven. */
export function processFacts(pid: number): ProcessFacts {
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, "utf8");
  return {
    namespaces: namespacesOf(`${pid}`),
    status: read("status"),
    limits: read("limits"),
    environ: read("environ"),
    mountinfo: read("mountinfo"),
    netDev: read("net/dev"),
    files: readdirSync(`/proc/${pid}/fd`).flatMap((fd) => openFile(pid, fd)),
  };
}

/** The namespaces of a process, or of "self". */
export function namespacesOf(process: string): ProcessFacts["namespaces"] {
  const entries = NAMESPACES.map((kind) => [kind, readlinkSync(`/proc/${process}/ns/${kind}`)]);
  return Object.fromEntries(entries) as ProcessFacts["namespaces"];
}

/** The program in a jail: below bwrap outside stands the jail's init, and below that the program. Throws when there is not one. */
export function programIn(bwrapPid: number): number {
  return onlyChild(onlyChild(bwrapPid));
}

/** The one child of a process; throws when it has none or several. */
function onlyChild(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  const [child = ""] = children;
  if (children.length !== 1 || child === "") throw new Error(`process ${pid} has not one child but "${children.join(" ")}"`);
  return Number(child);
}

function openFile(pid: number, fd: string): OpenFile[] {
  try {
    const link = readlinkSync(`/proc/${pid}/fd/${fd}`);
    const mountId = /^mnt_id:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8"))?.[1] ?? "none";
    return [{ fd: Number(fd), link, mountId }];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return []; // closed meanwhile
    throw error;
  }
}
