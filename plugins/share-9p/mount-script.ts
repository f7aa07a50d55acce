/**
 * How the share is mounted, one 9p option each. `mmap` with `directio` is the one way that was measured to be right in all of: what
 * the host writes is read at once, also from a file held open; what the guest writes is on the host when the write returns; and files
 * can be mapped for shared writing, as SQLite and linkers do. With `none` the last fails, with the others the first two.
 */
export const MOUNT_OPTIONS = [
  "trans=virtio",
  "version=9p2000.L",
  "msize=512000",
  // one identity on the host, whoever asks; who may do what in the guest, its kernel decides by owner and mode
  "access=any",
  "cache=mmap",
  "directio",
  // else each write asks first whether the file has capabilities; and the guest leaves no attributes on the host's files
  "noxattr",
  // a courtesy to the guest: on the host, the jail keeps such files from coming to be
  "nosuid",
  "nodev",
].join(",");

/**
 * Keeps a share as long as its standard input is open, as root in the guest: mounts the tag $1 at $2 with the options $3 and says
 * "mounted" (or "taken", when the guest has files of its own there). At a line, or when the host is gone, it takes the share away, so
 * that nothing is under way any more: what still uses it is asked to end, then ended. Then it says "free", or "busy" when something
 * of root's uses it even so: then all is written back at least. It runs in busybox, which has most of these programs inside itself,
 * since starting others takes the time that counts at the end; setpriv is named in full because busybox's own cannot change users.
 */
export const MOUNT_SCRIPT = `
tag=$1 target=$2 options=$3
umask 022
mkdir -p -- "$target" || exit 1
[ -z "$(ls -A -- "$target")" ] || { echo taken; exit 0; }
mount -i -t 9p -o "$options" -- "$tag" "$target" || exit 1
echo mounted
read -r line

free() { umount -- "$target" 2>/dev/null; }
free_after() { sleep "$1"; free; }
tell_agent() { /usr/bin/setpriv --reuid agent --regid agent --clear-groups -- /bin/sh -c 'kill -s "$0" -- -1' "$1"; }

free || { tell_agent TERM; free_after 0.05; } || { tell_agent KILL; free_after 0.01; } || free_after 0.03 || {
  sync -f "$target"
  echo busy
  exit
}
echo free
`;
