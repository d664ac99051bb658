#!/usr/bin/env bash
# Prepares this system for a desktop, and runs COMMAND as a user of it. Runs as root in
# tests/in-own-system.sh, so that all of it is gone in the end.
#
# usage: SPOT_SERVE_DESKTOP_TREE=DIRECTORY enter.sh COMMAND [ARG...]
set -euo pipefail
here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")
umask 022
"$here/prepare.sh" "$SPOT_SERVE_DESKTOP_TREE" || exit 1
# The program as a package installs it.
ln -sf "$CARGO_TARGET_DIR/debug/spot-serve" /usr/bin/spot-serve
"$root/icons/install.sh" /usr/share
install -m 644 "$root/installer/linux/spot-serve.desktop" /usr/share/applications/
# The user may be kept from reading a checkout in somebody's home.
for dir in "$root" "$CARGO_TARGET_DIR" "$SPOT_SERVE_TEST_CLOUDFLARED"; do
  while dir=$(dirname "$dir"); [ "$dir" != / ]; do chmod a+x "$dir"; done
done
exec setpriv --reuid desktop --regid desktop --clear-groups \
  env -i PATH="$PATH" HOME=/home/desktop USER=desktop LOGNAME=desktop SHELL=/bin/bash LOOPBACK_EDGE_IN_NAMESPACE=1 \
  CARGO_TARGET_DIR="$CARGO_TARGET_DIR" SPOT_SERVE_TEST_CLOUDFLARED="$SPOT_SERVE_TEST_CLOUDFLARED" \
  SPOT_SERVE_DESKTOP_TREE="$SPOT_SERVE_DESKTOP_TREE" "$@"
