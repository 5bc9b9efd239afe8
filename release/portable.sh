#!/bin/sh
# Trapline @VERSION@ for @TRIPLE@: one file with all that it needs.
#
# An archive (tar, gzip) stands behind this text. The first start unpacks it into the user's cache, or
# into a temporary directory, and checks it; later starts find it there. What it is called says what
# it contains, so versions do not meet, and nothing that is there is trusted unless it belongs to the
# user and has not been touched since it was checked.

# The hash of what is unpacked, how many files that is, and where the archive begins.
key=@KEY@
files=@FILES@
skip=@SKIP@

# Whether $1 holds the program: all of its files, none empty, none changed since they were checked.
# Only what every shell has built in is used here, for this is on the way of every start.
is_whole() {
  [ -f "$1/complete" ] && [ -O "$1" ] && [ -O "${1%/*}" ] && ! [ -L "$1" ] || return 1
  seen=0
  for file in "$1/deno" "$1/program"/*; do
    [ -s "$file" ] && ! [ "$file" -nt "$1/complete" ] || return 1
    seen=$((seen + 1))
  done
  [ "$seen" -eq "$files" ]
}

# What Deno is told when it runs the program in folder $1: nothing of the system's Deno, or of a project
# around the program, has a part in it.
deno_options='run --quiet --allow-all --no-config --no-lock --no-npm --no-remote --no-check'
set_up() {
  DENO_DIR=$1/state DENO_NO_UPDATE_CHECK=1 DENO_NO_PACKAGE_JSON=1
  export DENO_DIR DENO_NO_UPDATE_CHECK DENO_NO_PACKAGE_JSON
}

# Unpacks the program to $1/standalone-$key; prints the reason when that fails.
unpack() (
  umask 077
  mkdir -p "$1" 2>/dev/null && [ -w "$1" ] || { echo 'it cannot be written to'; exit 1; }
  [ -O "$1" ] || { echo 'it belongs to another user'; exit 1; }
  part=$1/.unpacking-$key.$$
  try=0
  until mkdir "$part" 2>/dev/null; do
    try=$((try + 1)) part=$1/.unpacking-$key.$$.$try
    [ "$try" -lt 9 ] || { echo 'it cannot be written to'; exit 1; }
  done
  trap 'rm -rf "$part"' EXIT
  trap 'exit 1' HUP INT TERM
  tail -c "+$skip" "$0" | tar -xzof - -C "$part" 2>&1 || exit 1
  set_up "$part"
  "$part/deno" $deno_options "$part/program/place.js" "$part" "$1/standalone-$key" 2>&1
)

# Becomes the program in folder $1, with the arguments after it.
start() {
  here=$1
  shift
  case $0 in
    /*) TRAPLINE_PROGRAM=$0 ;;
    *) TRAPLINE_PROGRAM=$PWD/$0 ;;
  esac
  export TRAPLINE_PROGRAM
  set_up "$here"
  exec "$here/deno" $deno_options "$here/program/cli.js" "$@"
}

cache=@CACHE@
temporary=${TMPDIR:-/tmp}
case $cache in /*) ;; *) cache= ;; esac
case $temporary in /*) ;; *) temporary=/tmp ;; esac

for base in ${cache:+"$cache/trapline"} "$temporary"/trapline-*; do
  if is_whole "$base/standalone-$key"; then start "$base/standalone-$key" "$@"; fi
done

if [ -t 2 ]; then echo 'trapline: unpacking, once' >&2; fi
reasons=
for base in ${cache:+"$cache/trapline"} "$temporary/trapline-$(id -u)"; do
  reason=$(unpack "$base")
  if is_whole "$base/standalone-$key"; then start "$base/standalone-$key" "$@"; fi
  reasons="$reasons
  tried \"$base\": $reason"
done
echo "trapline: Cannot unpack the program: no directory takes it; set XDG_CACHE_HOME or TMPDIR$reasons" >&2
exit 1
