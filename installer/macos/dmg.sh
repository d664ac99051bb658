#!/usr/bin/env bash
# Builds the disk image for macOS, and prints its path. Requires a Mac with the Xcode command line
# tools.
#
# usage: installer/macos/dmg.sh [--without-sidecar] [TARGET]
#
#   TARGET   aarch64-apple-darwin or x86_64-apple-darwin; by default this machine's
#
# CODESIGN_IDENTITY   a "Developer ID Application" in the keychain. Without it the signature is valid
#                     on this Mac only, and others show a warning before they open the app
# NOTARY_PROFILE      a profile of `xcrun notarytool store-credentials`. If set, the image is
#                     notarized
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
sidecar=()
if [ "${1-}" = --without-sidecar ]; then sidecar=(--without-sidecar); shift; fi
if [ $# -gt 1 ]; then sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2; exit 2; fi
for tool in codesign hdiutil xcrun; do
  if ! command -v "$tool" >/dev/null; then
    echo "Building a disk image needs a Mac with the Xcode command line tools: $tool is missing." >&2
    exit 1
  fi
done
cd "$here/../.."
target=${1:-$(rustc -vV | sed -n 's/^host: //p')}
version=${SPOT_SERVE_VERSION:-$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)}
packages=${CARGO_TARGET_DIR:-$PWD/target}/packages
folder=$packages/dmg-$target
rm -rf "$folder"
mkdir -p "$folder"

app=$("$here/app.sh" ${sidecar[@]+"${sidecar[@]}"} "$target" "$folder")
# Not --deep: replacing Cloudflare's signature would change cloudflared, and Spot Serve would refuse
# to run it.
sign=(codesign --force --sign "${CODESIGN_IDENTITY:--}")
if [ -n "${CODESIGN_IDENTITY-}" ]; then sign+=(--options runtime --timestamp); fi
"${sign[@]}" "$app" >&2
codesign --verify --strict "$app" >&2

cp -R "$here/Share with Spot Serve.workflow" "$folder/"
ln -s /Applications "$folder/Applications"
image=$packages/SpotServe-$version-macos-${target%%-*}.dmg
rm -f "$image"
hdiutil create -quiet -volname "Spot Serve" -srcfolder "$folder" -format UDZO "$image" >&2
"${sign[@]}" "$image" >&2
if [ -n "${NOTARY_PROFILE-}" ]; then
  xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait >&2
  xcrun stapler staple "$image" >&2
fi
rm -rf "$folder"
echo "$image"
