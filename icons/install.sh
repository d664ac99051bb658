#!/usr/bin/env bash
# Installs the app icons and the tray icons into an icon theme. The desktop can then choose the size,
# or the symbolic version.
#
# usage: icons/install.sh SHARE     SHARE is a data directory such as /usr/share
set -euo pipefail
share=${1:?usage: icons/install.sh SHARE}
cd "$(dirname "$0")"
theme=$share/icons/hicolor

# put FILE DIRECTORY NAME
put() { install -D -m 644 "$1" "$theme/$2/apps/$3"; }

for size in 16 22 24 32 48 64 128 256 512; do
  put "png/app-$size.png" "${size}x$size" spot-serve.png
done
put svg/app.svg scalable spot-serve.svg
put svg/tray-idle-symbolic.svg symbolic spot-serve-symbolic.svg
for state in idle busy online problem; do
  for size in 16 22 24 32 48 64; do
    put "png/tray-$state-$size.png" "${size}x$size" "spot-serve-$state.png"
  done
  put "svg/tray-$state.svg" scalable "spot-serve-$state.svg"
  put "svg/tray-$state-symbolic.svg" symbolic "spot-serve-$state-symbolic.svg"
  # Drawn on a grid of 22 pixels, so that it is sharp at this size.
  put "svg/tray-$state-template.svg" 22x22 "spot-serve-$state-symbolic.svg"
done
