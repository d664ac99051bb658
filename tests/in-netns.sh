#!/bin/sh
# in-netns.sh COMMAND [ARG...]: runs COMMAND in a network namespace of its own
# that has only loopback. Nothing in there reaches a network, waits for one, or
# meets another test's ports; a name look-up fails at once instead of timing out
# (a silent name server costs each start of cloudflared 30 s).
#
# The command is root in there, over these namespaces only, so that it can put a
# file of its own over /etc/resolv.conf or /etc/hosts (mount --bind) and add
# interfaces. Where it can have a process namespace too, everything it leaves
# running is killed when it ends.
set -eu

[ $# -gt 0 ] || { echo "usage: in-netns.sh COMMAND [ARG...]" >&2; exit 2; }

alone='--net --mount'
tidy="$alone --pid --fork --kill-child --mount-proc"
user='--user --map-root-user'
for flags in "$user $tidy" "$tidy" "$user $alone" "$alone" ''; do
    # The flags are words. (An empty list would make nothing.)
    # shellcheck disable=SC2086
    if [ -n "$flags" ] && unshare $flags true 2>/dev/null; then break; fi
done
[ -n "$flags" ] || {
    echo "in-netns.sh: this user may not make namespaces. Run as root, or allow it: sysctl" \
        "kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0" >&2
    exit 1
}

export LOOPBACK_EDGE_IN_NAMESPACE=1
# This shell stays as the first process, and reaps what the command orphans.
# shellcheck disable=SC2086
exec unshare $flags sh -c 'ip link set lo up && "$@"; exit $?' sh "$@"
