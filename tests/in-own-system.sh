#!/bin/sh
# in-own-system.sh COMMAND [ARG...]: runs COMMAND on a copy of this system. It sees all files of
# this machine, but everything it changes, installs or removes is undone when it ends. Only files
# in the directories named by KEEP stay (with colons between them).
#
# Nothing is copied: changes go to an overlay in memory. Needs root.
set -eu
[ $# -gt 0 ] || { echo "usage: in-own-system.sh COMMAND [ARG...]" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "in-own-system.sh: only root can lay a file system over this one" >&2; exit 1; }

place=$(mktemp -d)
trap 'rmdir "$place"' EXIT
# shellcheck disable=SC2016
unshare --mount --propagation private sh -c '
    set -eu
    place=$1; shift
    mount -t tmpfs -o mode=755 own-system "$place"
    mkdir "$place/written" "$place/work" "$place/root"
    mount -t overlay -o "lowerdir=/,upperdir=$place/written,workdir=$place/work" own-system "$place/root"
    for dir in dev proc sys; do mount --rbind "/$dir" "$place/root/$dir"; done
    IFS=:
    for dir in ${KEEP-}; do mkdir -p "$place/root$dir"; mount --rbind "$dir" "$place/root$dir"; done
    unset IFS
    here=$PWD
    cd "$place/root"
    exec chroot . sh -c '\''cd "$1"; shift; exec "$@"'\'' sh "$here" "$@"
' sh "$place" "$@"
