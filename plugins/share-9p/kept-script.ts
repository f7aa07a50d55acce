const AT = "/run/cloche/kept";

/**
 * A part of the script that mounts a share: mounts the disk with the number $serial, if that is not empty, on which local directories are kept.
 * $found is then what is to be said of it: " made" when there was no file system, or none that can be mounted, " unclean" when the
 * session before did not put it away whole. What is on it an earlier guest wrote, its root perhaps: no link on it is followed.
 */
export const KEPT_SCRIPT = `
kept=${AT} found=
if [ -n "$serial" ]; then
  disk=
  for file in /sys/block/vd*/serial; do
    [ "$(cat "$file")" != "$serial" ] || disk=\${file%/serial} disk=/dev/\${disk##*/}
  done
  mkdir -p $kept && modprobe ext4 || exit
  # the kernel of a template has seen another disk there
  blockdev --flushbufs "$disk" || exit
  lay() { mount -t ext4 -o noatime,discard,nosuid,nodev "$disk" $kept; }
  lay 2>/dev/null || {
    found=" made"
    mkfs.ext4 -q -F -m 0 -E lazy_itable_init=1,lazy_journal_init=1,nodiscard "$disk" && lay || exit
  }
  mkdir $kept/in-use 2>/dev/null || found=" unclean"
fi
kept_for() {
  own=$kept/$(printf %s "$1" | sha256sum | cut -c 1-32)
  [ ! -L "$own" ] || rm "$own"
  mkdir -p "$own" && chown 1000:1000 "$own" && echo "$own"
}
`;

/** A part of the script that keeps it: takes that disk away, if there is one, so that all is on it. */
export const PUT_AWAY_SCRIPT = `
kept=${AT}
put_away() {
  [ -n "$serial" ] || return
  sync -f $kept && rmdir $kept/in-use
  # it fails while a file there is open for writing, which was not in the way of taking the project away
  no_more() { mount -o remount,ro none $kept; }
  no_more || { tell_agent TERM; sleep 0.05; no_more; } || { tell_agent KILL; sleep 0.05; no_more; } || mkdir $kept/in-use
  sync -f $kept
  umount $kept
} 2>/dev/null
`;
