/**
 * Loads what a start will need while it waits for other processes: the reaper, the jail, QEMU, the guest. A module that cannot be loaded
 * is heard of where it is used.
 */
export async function loadAhead(): Promise<void> {
  await Promise.allSettled([
    import("./image/boot-check.ts"),
    import("./image/build-image.ts"),
    import("./machine/start.ts"),
    import("./machine/template/use.ts"),
    import("./machine/guest-enter.ts"),
    import("ssh2"),
    import("./sessions/control-server.ts"),
  ]);
}
