/**
 * Loads what a start needs until its machine is started, while it waits for the reaper. A module that cannot be loaded is heard of where
 * it is used.
 */
export async function loadToStart(): Promise<void> {
  await Promise.allSettled([
    import("./image/boot-check.ts"),
    import("./image/build-image.ts"),
    import("./machine/start.ts"),
    import("./machine/template/use.ts"),
  ]);
}

/** Loads what it needs from there on, while it waits for QEMU. */
export async function loadToAttach(): Promise<void> {
  await Promise.allSettled([
    import("./machine/guest-enter.ts"),
    import("ssh2"),
    import("./sessions/control-server.ts"),
    import("./ports/serve-ports.ts"),
    import("./suspend/snapshots.ts"),
    import("./attach/attach-launch.ts"),
    import("./attach/terminal.ts"),
    import("./attach/desk.ts"),
  ]);
}

/** The same for a session that is detached, as one that was put on the disk usually is again: its screen is kept here. */
export async function loadToHold(): Promise<void> {
  await Promise.allSettled([loadToAttach(), import("./attach/hold-launch.ts"), import("@xterm/headless"), import("@xterm/addon-serialize")]);
}
