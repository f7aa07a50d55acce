import type { Guest } from "./guest.ts";
import { SCRATCH } from "./scratch.ts";

/** Where the guest has its scratch disk. */
export const SCRATCH_DIRECTORY = "/scratch";

// There is no udev. The key is drawn by the guest's kernel after the seed mixed fresh entropy in, and never leaves it; without it, what
// the host's file holds is noise. No journal: nothing of it outlives the machine.
const SCRIPT = `
for file in /sys/block/vd*/serial; do
  [ "$(cat "$file")" != ${SCRATCH.serial} ] || disk=/dev/$(basename "\${file%/serial}")
done
modprobe -a dm-crypt xts ext4
export DM_DISABLE_UDEV=1
cryptsetup open --batch-mode --type plain --cipher aes-xts-plain64 --key-size 512 --key-file /dev/urandom --keyfile-size 64 \\
  --allow-discards "$disk" scratch
mkfs.ext4 -q -m 0 -O ^has_journal -E lazy_itable_init=1,nodiscard /dev/mapper/scratch
mkdir -p ${SCRATCH_DIRECTORY}
mount -o noatime,discard /dev/mapper/scratch ${SCRATCH_DIRECTORY}
chown agent:agent ${SCRATCH_DIRECTORY}
`;

/** Encrypts the scratch disk with a key that only this guest's RAM holds, and mounts it for the agent. */
export async function mountScratch(guest: Guest): Promise<void> {
  await guest.run(["sh", "-euc", SCRIPT], { deadlineMs: 60_000 });
}
