/** What the machine part passes to the guest's kernel. */
export interface KernelCommandLine {
  /** How many of the first virtio-blk disks make up the root, lowest first. */
  readonly disks: number;
  /** Ends right after saying `cloche-probe-ok` on the console: the proof that an accelerator runs a guest. */
  readonly probe?: boolean;
  /** Whether the kernel starts on one processor; `init` adds the others. */
  readonly startsOnOne?: boolean;
}

// Each is measured or explained in guest/README.md.
const ALWAYS = ["console=hvc0", "quiet", "loglevel=4", "panic=1", "lsm=capability,yama,landlock", "cryptomgr.notests", "init_on_alloc=1"];

/** The kernel's command line; it holds nothing secret and nothing of one session. */
export function kernelCommandLine({ disks, probe = false, startsOnOne = false }: KernelCommandLine): string {
  return [...ALWAYS, `cloche.disks=${disks}`, ...(startsOnOne ? ["maxcpus=1"] : []), ...(probe ? ["cloche.probe"] : [])].join(" ");
}

/** The line by which a probed guest shows that it ran. */
export const PROBE_LINE = "cloche-probe-ok";
