#!/usr/bin/env bash
# Builds Spot Serve, downloads the pinned cloudflared and starts the tray icon. Works in a
# fresh clone. Without a desktop, shares FOLDER until Ctrl-C.
#
# usage: scripts/run.sh FOLDER
set -euo pipefail
folder=${1:?usage: scripts/run.sh FOLDER}
# Not every shell replaces the tilde in FOLDER=~/Pictures.
case $folder in \~/*) folder=$HOME/${folder#\~/} ;; esac
# Found out before minutes of building.
if [ ! -e "$folder" ]; then
  echo "There is no file or folder $folder. Name another one: make run FOLDER=~/Pictures" >&2
  exit 1
fi
folder=$(realpath "$folder")
cd "$(dirname "$0")/.."

# shellcheck source=scripts/need-cargo.sh
. scripts/need-cargo.sh
cargo build --release --locked
binaries/fetch.sh

program=${CARGO_TARGET_DIR:-target}/release/spot-serve

# run ARGUMENT...: runs the program. Ctrl-C is the usual way to end it, so make must not report the
# exit code 3 that the program has if it had no link by then.
run() {
  local pid interrupted='' status
  "$program" "$@" &
  pid=$!
  trap 'interrupted=yes; kill -INT "$pid" 2>/dev/null || true' INT
  trap 'kill -TERM "$pid" 2>/dev/null || true' TERM
  # A signal ends the wait, but not yet the program.
  while :; do
    wait "$pid" && status=0 || status=$?
    kill -0 "$pid" 2>/dev/null || break
  done
  if [ -n "$interrupted" ]; then exit 0; fi
  exit "$status"
}

if [ "$(uname -s)" = Linux ]; then
  # A tray icon needs a display and a session bus.
  bus=${DBUS_SESSION_BUS_ADDRESS-}
  if [ -z "$bus" ] && [ -S "${XDG_RUNTIME_DIR:-/nonexistent}/bus" ]; then bus=there; fi
  if [ -z "${DISPLAY-}${WAYLAND_DISPLAY-}" ] || [ -z "$bus" ]; then
    echo "No desktop found, so there is no tray icon. Sharing $folder until Ctrl-C." >&2
    run share --foreground "$folder"
  fi
fi
echo "Spot Serve starts in the tray. Press Ctrl-C to quit." >&2
run
