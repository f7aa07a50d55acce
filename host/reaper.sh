#!/bin/sh
# Tidies up after a cloche that ended without doing so itself. Its standard input is a pipe that only that cloche holds open:
# when it ends, however it ends, reading gives end-of-file. Usage: reaper.sh SESSIONS; lines: `claim STAGING NAME IDENTITY`,
# `watch PID STARTTICKS SESSION`, `done`. It is alone in its terminal session, and signals meant for others do not end it.
trap '' HUP INT QUIT TERM PIPE TSTP TTIN TTOU
sessions=$1
staging= name= identity= watched=

echo ready
exec >/dev/null

while IFS=' ' read -r word first second rest; do
  case $word in
    claim) staging=$first name=$second identity=$rest ;;
    watch) watched="$watched $first:$second:$rest" ;;
    done) exit 0 ;;
  esac
done

# Reads /proc/PID/stat. The second field is a name in brackets that the program chose; it may hold anything, newlines too.
look() {
  text= part=
  while IFS= read -r part || [ -n "$part" ]; do text="$text $part" part=; done <"/proc/$1/stat" || return 1
  set -- ${text##*")"}
  state=$1 group=$3 session=$4 ticks=${20}
  [ -n "$ticks" ] && [ "$state" != Z ]
}

# Ends the process groups that still live; fails while any does. A leader that is gone leaves its group's number in use, so
# what carries that number, in the same terminal session, is still of that group.
end_groups() {
  alive=0
  for process in $watched; do
    pid=${process%%:*} wanted=${process#*:} expected=${process##*:}
    wanted=${wanted%%:*}
    if [ -e "/proc/$pid" ] && look "$pid"; then
      [ "$ticks" = "$wanted" ] || continue
      alive=1
      [ "$group" != "$pid" ] || kill -9 "-$pid"
      kill -9 "$pid"
    elif [ "$expected" = "$pid" ]; then
      for entry in /proc/[0-9]*; do
        member=${entry#/proc/}
        look "$member" && [ "$group" = "$pid" ] && [ "$session" = "$pid" ] || continue
        alive=1
        kill -9 "$member"
      done
    fi
  done
  return "$alive"
}

# The name may be another session's by now: only the one that this process has the right to remove goes.
remove_directories() {
  [ -n "$staging" ] || return 0
  if [ "$(readlink "$sessions/$name/remover-0")" = "$identity" ]; then
    mv "$sessions/$name" "$sessions/.dead${staging#.new}"
  fi
  rm -rf "$sessions/$staging" "$sessions/.dead${staging#.new}"
}

# What a plugin has to undo outside of the session's directory. Only after all processes are gone, so in the last try at the latest.
after_kill() {
  [ -z "$undone" ] && [ -n "$name" ] && [ "$(readlink "$sessions/$name/remover-0")" = "$identity" ] || return 0
  undone=yes
  [ ! -f "$sessions/$name/after-kill" ] || timeout -s KILL 15 /bin/sh "$sessions/$name/after-kill" </dev/null
}

undone=
tries=0
until end_groups && after_kill && remove_directories || [ "$tries" -ge 50 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
after_kill
remove_directories
