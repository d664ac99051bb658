#!/usr/bin/env bash
# Builds Spot Serve, downloads the pinned cloudflared and starts the tray icon. Works in a
# fresh clone. Without a desktop, shares FOLDER until Ctrl-C.
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
  # A tray icon needs a display and a session bus.
  bus=${DBUS_SESSION_BUS_ADDRESS-}
  if [ -z "$bus" ] && [ -S "${XDG_RUNTIME_DIR:-/nonexistent}/bus" ]; then bus=there; fi
  if [ -z "${DISPLAY-}${WAYLAND_DISPLAY-}" ] || [ -z "$bus" ]; then
    echo "No desktop found, so there is no tray icon. Sharing $folder until Ctrl-C." >&2
    exec "$program" share --foreground "$folder"
  fi
fi
echo "Spot Serve is in the tray. Press Ctrl-C here to quit it." >&2
exec "$program"
