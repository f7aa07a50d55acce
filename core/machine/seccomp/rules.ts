import type { Syscall } from "./syscalls.ts";

/** setuid and setgid bits of a file mode. */
export const SET_ID = 0o6000;

/** Bits of `open` flags that make it create a file: O_CREAT and the bit that O_TMPFILE has of its own. */
export const CREATES = 0o100 | 0o20000000;

/** The file type bits of a mode, and the types that may be made: none named, a regular file, a pipe. */
export const FILE_TYPE = { mask: 0o170000, allowed: [0, 0o100000, 0o010000] } as const;

/** Flags of `clone` that make namespaces. CLONE_NEWTIME shares its bit with the signal number there and only counts for clone3. */
export const NEW_NAMESPACES = 0x7e020000;

/** Address families that slirp needs: IPv4 and IPv6. No Unix sockets: a path of the project could reach, or make, one on the host. */
export const SOCKET_FAMILIES = [2, 10] as const;

/** Calls with a file mode that must not carry SET_ID, and the index of that argument. */
export const MODE_ARGUMENT: Partial<Record<Syscall, number>> = {
  chmod: 1,
  fchmod: 1,
  fchmodat: 2,
  fchmodat2: 2,
  mkdir: 1,
  mkdirat: 2,
  creat: 1,
};

/** Calls that may create a file: the indexes of the flags and of the mode. */
export const OPEN_ARGUMENTS: Partial<Record<Syscall, { readonly flags: number; readonly mode: number }>> = {
  open: { flags: 1, mode: 2 },
  openat: { flags: 2, mode: 3 },
};

/** Calls that make file nodes: the index of the mode, which says the type too. */
export const NODE_ARGUMENT: Partial<Record<Syscall, number>> = { mknod: 1, mknodat: 2 };

/** Calls whose arguments lie in memory, where a filter cannot see them, or that would do others' work unseen: "no such call". */
export const ABSENT: readonly Syscall[] = ["openat2", "clone3", "io_uring_setup", "io_uring_enter", "io_uring_register"];

/** What QEMU never needs and an intruder in it might: "not permitted". */
export const REFUSED: readonly Syscall[] = [
  // other processes
  ...(["ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd"] as const),
  // sockets that others reach: QEMU only dials
  ...(["socketpair", "bind", "listen", "accept", "accept4"] as const),
  // namespaces and mounts
  ...(["unshare", "setns", "mount", "umount2", "mount_setattr", "move_mount", "open_tree", "fsopen", "fsconfig"] as const),
  ...(["fsmount", "fspick", "pivot_root", "chroot", "open_by_handle_at", "name_to_handle_at", "fanotify_init"] as const),
  // the kernel's own affairs
  ...(["bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "init_module", "finit_module"] as const),
  ...(["delete_module", "create_module", "get_kernel_syms", "query_module", "kexec_load", "kexec_file_load"] as const),
  ...(["swapon", "swapoff", "reboot", "sethostname", "setdomainname", "acct", "quotactl", "quotactl_fd", "syslog"] as const),
  ...(["settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "vhangup", "lookup_dcookie", "nfsservctl"] as const),
  ...(["iopl", "ioperm", "modify_ldt", "uselib", "personality", "migrate_pages", "move_pages"] as const),
];
