#!/usr/bin/env bash
# Puts the program's icons and those of the tray's states into an icon theme, as packages do.
# With these the desktop chooses among sizes, and takes the symbolic kind where it wants that.
#
# usage: icons/install.sh SHARE     the folder of data, such as /usr/share
set -euo pipefail
share=${1:?usage: icons/install.sh SHARE}
cd "$(dirname "$0")"
theme=$share/icons/hicolor

# put FILE FOLDER NAME
put() { install -D -m 644 "$1" "$theme/$2/apps/$3"; }

for size in 16 22 24 32 48 64 128 256 512; do
  put "png/app-$size.png" "${size}x$size" spot-serve.png
done
put svg/app.svg scalable spot-serve.svg
for state in idle busy online problem; do
  for size in 16 22 24 32 48 64; do
    put "png/tray-$state-$size.png" "${size}x$size" "spot-serve-$state.png"
  done
  put "svg/tray-$state.svg" scalable "spot-serve-$state.svg"
  put "svg/tray-$state-symbolic.svg" symbolic "spot-serve-$state-symbolic.svg"
  # Drawn on another grid, so that it is as sharp there.
  put "svg/tray-$state-template.svg" 22x22 "spot-serve-$state-symbolic.svg"
done
