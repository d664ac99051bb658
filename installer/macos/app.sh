#!/usr/bin/env bash
# Builds "Spot Serve.app" in a directory, without a signature.
#
# usage: installer/macos/app.sh [--without-sidecar] TARGET DIRECTORY
#
#   TARGET   aarch64-apple-darwin or x86_64-apple-darwin
#
# SPOT_SERVE_PROGRAM=FILE uses this program instead of building one. Then this script also works on
# other systems. The icon needs iconutil (macOS) or png2icns (Debian: icnsutils).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
sidecar=()
if [ "${1-}" = --without-sidecar ]; then sidecar=(--without-sidecar); shift; fi
if [ $# != 2 ]; then sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2; exit 2; fi
target=$1
mkdir -p "$2"
app=$(cd "$2" && pwd)/Spot\ Serve.app
cd "$here/../.."
version=${SPOT_SERVE_VERSION:-$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)}

program=${SPOT_SERVE_PROGRAM-}
if [ -z "$program" ]; then
  # The oldest supported system; keep it in sync with Info.plist.
  MACOSX_DEPLOYMENT_TARGET=12.0 cargo build --release --locked --package spot-serve --target "$target" >&2
  program=${CARGO_TARGET_DIR:-target}/$target/release/spot-serve
fi

rm -rf "$app"
umask 022
mkdir -p "$app/Contents/MacOS" "$app/Contents/Resources"
sed "s/@VERSION@/$version/" "$here/Info.plist" >"$app/Contents/Info.plist"
printf 'APPL????' >"$app/Contents/PkgInfo"
install -m 755 "$program" "$app/Contents/MacOS/spot-serve"
"$here/../sidecar.sh" ${sidecar[@]+"${sidecar[@]}"} "$target" "$app/Contents/MacOS" >&2
# Everything in MacOS must be signed, so move text files elsewhere.
for text in "$app"/Contents/MacOS/*.txt; do
  if [ -f "$text" ]; then mv "$text" "$app/Contents/Resources/"; fi
done
cp LICENSE "$app/Contents/Resources/LICENSE.txt"
# See src/updates/installation.rs.
echo dmg >"$app/Contents/Resources/installed-as"

icon=$app/Contents/Resources/spot-serve.icns
if command -v iconutil >/dev/null; then
  set_of_icons=$(mktemp -d)/spot-serve.iconset
  mkdir "$set_of_icons"
  for size in 16 32 128 256 512; do
    cp "icons/png/app-$size.png" "$set_of_icons/icon_${size}x$size.png"
    if [ -f "icons/png/app-$((size * 2)).png" ]; then
      cp "icons/png/app-$((size * 2)).png" "$set_of_icons/icon_${size}x$size@2x.png"
    fi
  done
  iconutil --convert icns --output "$icon" "$set_of_icons"
  rm -r "${set_of_icons%/*}"
elif command -v png2icns >/dev/null; then
  png2icns "$icon" icons/png/app-{16,32,48,128,256,512}.png >/dev/null
else
  echo "Creating the icon needs iconutil (macOS) or png2icns (Debian: icnsutils). Neither is installed." >&2
  exit 1
fi
echo "$app"
