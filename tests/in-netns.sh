#!/bin/sh
# in-netns.sh COMMAND [ARG...]: runs COMMAND in a new network namespace that has
# only loopback. Nothing inside reaches a network, waits for one, or meets another
# test's ports. Name lookups fail at once instead of timing out (a name server that
# doesn't answer costs each start of cloudflared 30 s).
#
# COMMAND is root over these namespaces only, so it can mount its own file over
# /etc/resolv.conf or /etc/hosts (mount --bind) and add interfaces. Where a process
# namespace is possible too, whatever COMMAND leaves running is killed when it ends.
#
# LOOPBACK_EDGE_ADMINISTRATOR=1: COMMAND stays the system's root, who may also mount disks.
set -eu

[ $# -gt 0 ] || { echo "usage: in-netns.sh COMMAND [ARG...]" >&2; exit 2; }

# Exit status 77 and a line that begins with "skip: " mean that COMMAND was not started.
cannot() { echo "skip: netns: $*" >&2; exit 77; }

command -v unshare >/dev/null || cannot "unshare is not installed (package util-linux)"
alone='--net --mount'
tidy="$alone --pid --fork --kill-child --mount-proc"
user='--user --map-root-user'
[ -z "${LOOPBACK_EDGE_ADMINISTRATOR-}" ] || user=
for flags in "$user $tidy" "$tidy" "$user $alone" "$alone" ''; do
    # Split into words on purpose. (Without flags, unshare would succeed and do nothing.)
    # shellcheck disable=SC2086
    if [ -n "$flags" ] && unshare $flags true 2>/dev/null; then break; fi
done
[ -n "$flags" ] || cannot "this user may not make network namespaces; run as root, or allow it:" \
    "sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0"
PATH=$PATH:/usr/sbin:/sbin command -v ip >/dev/null || cannot "ip is not installed (package iproute2)"

export LOOPBACK_EDGE_IN_NAMESPACE=1
# This shell stays as process 1 and reaps what COMMAND orphans.
# shellcheck disable=SC2086
exec unshare $flags sh -c 'ip link set lo up && "$@"; exit $?' sh "$@"
