#!/usr/bin/env bash
# The main job on a machine that has never seen this repository: builds Spot Serve,
# fetches the pinned cloudflared and starts the tray icon. Where no tray can be shown,
# FOLDER is shared in the foreground until Ctrl-C.
#
# usage: scripts/run.sh FOLDER
set -euo pipefail
folder=$(realpath "${1:?usage: scripts/run.sh FOLDER}") || exit 1
cd "$(dirname "$0")/.."

# shellcheck source=scripts/need-cargo.sh
. scripts/need-cargo.sh
cargo build --release --locked
binaries/fetch.sh

program=${CARGO_TARGET_DIR:-target}/release/spot-serve
if [ "$(uname -s)" = Linux ]; then
  # A tray icon takes a session bus, and somebody who sees it.
  bus=${DBUS_SESSION_BUS_ADDRESS-}
  if [ -z "$bus" ] && [ -S "${XDG_RUNTIME_DIR:-/nonexistent}/bus" ]; then bus=there; fi
  if [ -z "${DISPLAY-}${WAYLAND_DISPLAY-}" ] || [ -z "$bus" ]; then
    echo "There is no desktop to show a tray icon in: sharing $folder here, until Ctrl-C." >&2
    exec "$program" share --foreground "$folder"
  fi
fi
echo "Spot Serve is in the tray. Ctrl-C here ends it, too." >&2
exec "$program"
