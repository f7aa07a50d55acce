import { KEPT_SCRIPT, PUT_AWAY_SCRIPT } from "./kept-script.ts";

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

/** Where the parts of an overlay lie in the guest; nobody but root enters /run/cloche. */
export const OVERLAY = "/run/cloche/share";

/**
 * Mounts a share, as root in the guest: the tag $2 at $3 with the options $4, in the way
 * $1 (plain, or overlay: edits go to memory, at most $5 of it), and over the directories below it that are named further on its
 * own memory, or a part of the scratch disk, or of the disk with the serial number $6 that is kept for the next session. Its last line is
 * "mounted" ("mounted again" above edits of before, or "taken", when the guest has files of its own there), with what is to be said of
 * the kept disk at its end, or why it is not mounted. It runs in busybox, as the next one does, which has most of
 * these programs inside itself, since starting others takes time that counts; setpriv is named in full because busybox's
 * own cannot change users.
 */
export const MOUNT_SCRIPT = `
exec 2>&1
trap "exit 0" EXIT
again= how=$1 tag=$2 target=$3 options=$4 size=$5 serial=$6
shift 6
umask 022
mkdir -p -- "$target" || exit
[ -z "$(ls -A -- "$target")" ] || { echo taken; exit; }

# a mount that has just been taken away may hold its tag for a moment
lend() {
  for pause in 0.1 0.3 1; do
    mount -i -t 9p -o "$options" -- "$tag" "$1" 2>/dev/null && return
    sleep $pause
  done
  mount -i -t 9p -o "$options" -- "$tag" "$1"
}

if [ "$how" = overlay ]; then
  lower=${OVERLAY}/lower over=${OVERLAY}/over
  mkdir -p $lower $over &&
    lend $lower || exit
  # a machine that goes on as another session has its edits still
  again=" again"
  [ -d $over/upper ] || {
    again=
    mount -t tmpfs -o "mode=700,size=$size,nosuid,nodev" over $over &&
      mkdir $over/upper $over/work &&
      chown 1000:1000 $over/upper &&
      chmod "$(stat -c %a $lower)" $over/upper
  } || exit
  mount -t overlay -o "lowerdir=$lower,upperdir=$over/upper,workdir=$over/work,nosuid,nodev" -- overlay "$target" || exit
else
  lend "$target" || exit
fi
${KEPT_SCRIPT}
number=0
for place; do
  mkdir -p -- "$target/$place" || exit
  number=$((number + 1))
  if [ -n "$serial" ]; then
    own=$(kept_for "$place") || exit
  elif mountpoint -q /scratch; then
    own=/scratch/local-$tag-$number
    mkdir -p $own && chown 1000:1000 $own || exit
  else
    own=${OVERLAY}/local-$tag-$number
    mkdir -p $own || exit
    mountpoint -q $own || mount -t tmpfs -o "mode=755,uid=1000,gid=1000,size=$size,nosuid,nodev" local $own || exit
  fi
  mount -o bind "$own" "$target/$place" || exit
done
echo "mounted$again$found"
`;

/**
 * Keeps a share that is mounted as long as its standard input is open, as root in the guest: the tag $2 at $3 in the way $1, with the
 * directories of its own that are named from $5 on, on a disk that is kept when $4 is not empty. At a line `write MODE FILE TEXT` or
 * `append …` it puts a text, in the form of printf's %b, into a file, at `copy MODE FILE PATH` what is in a file. At any
 * other it takes the share away, so that nothing is under way any more: what still uses it is asked to end, then ended. Then it says
 * "free", or "busy" when something of root's uses it even so: then all is written back at least.
 */
export const KEEP_SCRIPT = `
how=$1 tag=$2 target=$3 serial=$4
shift 4
umask 022
# by which it is ended in a copy of this machine, whose host lends other shares
note=${OVERLAY}/keeper-$tag
mkdir -p ${OVERLAY} && echo $$ >"$note"
trap 'rm -f "$note"' EXIT
asked=
while read -r word mode place text; do
  case $word in
  write) rm -f -- "$place" ;;
  append) ;;
  copy)
    mkdir -p -- "\${place%/*}" && cat -- "$text" >"$place" 2>/dev/null
    chmod "$mode" "$place"
    continue
    ;;
  *) asked=1 && break ;;
  esac
  mkdir -p -- "\${place%/*}" && printf %b "$text" >>"$place" && chmod "$mode" "$place"
done
# without a last line the connection is gone, and the machine in a moment; when cloche was killed, it is gone before this is reached
[ -n "$asked" ] || { sync -f "$target"; exit; }

tell_agent() { /usr/bin/setpriv --reuid agent --regid agent --clear-groups -- /bin/sh -c 'kill -s "$0" -- -1' "$1"; }
${PUT_AWAY_SCRIPT}
if [ "$how" = overlay ]; then
  tell_agent TERM
  sleep 0.05
  tell_agent KILL
  sleep 0.01
  put_away
  echo free
  exit
fi

for place; do umount -l -- "$target/$place"; done
free() { umount -- "$target" 2>/dev/null; }
free_after() { sleep "$1"; free; }

free || { tell_agent TERM; free_after 0.05; } || { tell_agent KILL; free_after 0.01; } || free_after 0.03 || {
  sync -f "$target"
  put_away
  echo busy
  exit
}
put_away
echo free
`;
