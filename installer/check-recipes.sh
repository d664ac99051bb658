#!/usr/bin/env bash
# Lets the tools of the shops read their recipes, as installer/shops.sh fills them in: makepkg, Ruby for
# Homebrew, flatpak-builder, appstreamcli, Nix, buildah for the container, and the schemas of winget and
# Scoop.
#
# usage: installer/check-recipes.sh [--strict] SHOPS
#
#   --strict   a tool that is missing is a failure
#   SHOPS      the folder that shops.sh has written
#
# SPOT_SERVE_SCHEMAS=DIRECTORY   has winget-installer.json, winget-defaultLocale.json, winget-version.json
#                                and scoop.json, from microsoft/winget-cli and ScoopInstaller/Scoop
# Exit status: 0 success, 1 a recipe is wrong, 2 wrong usage.
set -uo pipefail
is_strict=false
if [ "${1-}" = --strict ]; then is_strict=true; shift; fi
if [ $# != 1 ]; then sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2; exit 2; fi
shops=$(cd "$1" && pwd) || exit 1
cd "$(dirname "$0")/.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
failed=0

# check SENTENCE TOOL COMMAND...
check() {
  local sentence=$1 tool=$2; shift 2
  if ! command -v "$tool" >/dev/null; then
    if $is_strict; then echo -n "not ok"; failed=1; else echo -n "skip"; fi
    echo " - $sentence: $tool is not installed"
  elif "$@" >"$work/said" 2>&1; then
    echo "ok - $sentence"
  else
    echo "not ok - $sentence"
    sed 's/^/    /' "$work/said"
    failed=1
  fi
}

# makepkg refuses to run as root.
reads_pkgbuild() {
  mkdir -p "$work/arch" && cp "$shops/arch/PKGBUILD" "$work/arch/" || return 1
  local as=()
  if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid 65534 --regid 65534 --clear-groups); chown -R 65534 "$work/arch"; fi
  (cd "$work/arch" && "${as[@]}" env HOME="$work/arch" makepkg --printsrcinfo) >"$work/srcinfo" &&
    grep -q '^pkgname = spot-serve-bin$' "$work/srcinfo" && grep -q '^	sha256sums_aarch64 = ' "$work/srcinfo"
}
reads_manifest() {
  local manifest=$PWD/installer/flatpak/io.github.spot_serve.SpotServe.yml
  installer/flatpak/build.sh --sources >/dev/null && (cd "$work" && flatpak-builder --show-manifest "$manifest") \
    >"$work/manifest" 2>"$work/warnings" &&
    ! grep -i warning "$work/warnings" && grep -q static.crates.io "$work/manifest"
}
# The stage of a build in which nothing is compiled: an image of one empty program.
builds_image() {
  mkdir -p "$work/image/root/usr/bin" && cp installer/container/Containerfile "$work/image/" && touch "$work/image/root/usr/bin/spot-serve" &&
    buildah --root "$work/containers" --runroot "$work/run" --storage-driver vfs build --isolation chroot --format docker --tag check "$work/image" &&
    buildah --root "$work/containers" --runroot "$work/run" --storage-driver vfs inspect --type image check | grep -q Healthcheck
}
matches_schemas() {
  python3 - "$shops" "$(realpath "$SPOT_SERVE_SCHEMAS")" <<'END'
import json
import sys
from pathlib import Path

import jsonschema
import yaml

shops, schemas = map(Path, sys.argv[1:])
for file in sorted((shops / "winget").glob("*.yaml")):
    manifest = yaml.load(file.read_text(), Loader=yaml.BaseLoader)
    schema = json.loads((schemas / f"winget-{manifest['ManifestType']}.json").read_text())
    schema.pop("$schema")  # its name has a mistake
    jsonschema.Draft202012Validator(schema).validate(manifest)
    assert not set(manifest) - set(schema["properties"]), file
jsonschema.validate(json.loads((shops / "scoop/spot-serve.json").read_text()), json.loads((schemas / "scoop.json").read_text()))
END
}

check "makepkg reads the AUR's recipe" makepkg reads_pkgbuild
check "Ruby reads Homebrew's" ruby ruby -c "$shops/homebrew/spot-serve.rb"
check "flatpak-builder reads the manifest, and its sources are complete" flatpak-builder reads_manifest
check "Nix reads the flake" nix-instantiate nix-instantiate --parse flake.nix
check "buildah builds the image, with its health check" buildah builds_image
if [ -n "${SPOT_SERVE_SCHEMAS-}" ]; then
  check "winget's and Scoop's match their schemas" python3 matches_schemas
else
  echo "skip - winget's and Scoop's match their schemas: SPOT_SERVE_SCHEMAS is not set"
fi
exit $failed
