#!/usr/bin/env bash
# Lays out "Spot Serve.app" in a directory. It is not signed.
#
# usage: installer/macos/app.sh [--without-sidecar] TARGET DIRECTORY
#
#   TARGET   aarch64-apple-darwin or x86_64-apple-darwin
#
# With SPOT_SERVE_PROGRAM=FILE nothing is built, and it works on other systems too; the icon is
# made by iconutil there, or by png2icns (Debian: icnsutils).
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
  # The oldest system that it is for, see Info.plist.
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
# What is in MacOS has to be signed, so no text stays there.
for text in "$app"/Contents/MacOS/*.txt; do
  if [ -f "$text" ]; then mv "$text" "$app/Contents/Resources/"; fi
done
cp LICENSE "$app/Contents/Resources/LICENSE.txt"

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
  echo "The icon takes iconutil (macOS) or png2icns (Debian: icnsutils), and neither is here." >&2
  exit 1
fi
echo "$app"
