import type { Peek } from "../containment.ts";
import type { Qmp } from "../qmp.ts";

// Below the jail's /tmp, which is its own.
const NAME = "devices";
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * The state of the devices of a machine that stands still, without its memory. QEMU refuses to move a machine that has a directory of
 * the host mounted, but it may be asked for its devices alone; such a state has no header, see `BARE`.
 */
export async function deviceState(qmp: Qmp, peek: Peek, signal: AbortSignal): Promise<Buffer> {
  await qmp.run("xen-save-devices-state", { filename: `/tmp/${NAME}`, live: false }, signal);
  return await peek.fileInTmp(NAME, MOST_BYTES);
}

/** Further arguments of a QEMU that is given such a state. */
export const BARE = ["-global", "migration.send-configuration=off"] as const;
