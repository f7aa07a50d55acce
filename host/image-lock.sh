#!/bin/sh
# Started by `flock`, so it has the lock of an image cache; usage: image-lock.sh [DRAFTS]. Its standard input is a pipe that only the
# cloche that builds holds open: when that ends, however it ends, reading gives end-of-file. What it left is then removed, and
# the lock goes with this process. Signals meant for others do not end it.
trap '' HUP INT QUIT TERM PIPE
echo held
exec >/dev/null 2>&1
cat

# What was installed without root belongs to subordinate user numbers, which only mmdebstrap's helper may remove.
remove() {
  rm -rf --one-file-system -- "$1" || mmdebstrap --unshare-helper rm -rf --one-file-system -- "$1"
  rm -rf --one-file-system -- "$1"
  [ ! -e "$1" ]
}

for draft in ${1:+"$1"/*}; do
  [ -e "$draft" ] || continue
  place=
  [ ! -f "$draft/place" ] || IFS= read -r place <"$draft/place"
  case $place in
    /*/cloche-image-??????)
      # an installation that is being stopped may still write there for some seconds
      tries=0
      while [ -O "$place" ] && ! remove "$place" && [ $tries -lt 30 ]; do
        tries=$((tries + 1))
        sleep 1
      done
      ;;
  esac
  rm -rf --one-file-system -- "$draft"
done
