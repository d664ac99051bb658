#!/usr/bin/env bash
# Fills in the recipes of the shops for a release: the AUR, Homebrew, winget and Scoop. Each gets the
# version, and the SHA-256 of the file that it downloads.
#
# usage: installer/shops.sh RELEASE INTO
#
#   RELEASE   the folder with all files of the release
#   INTO      where the recipes go; created if missing
#
# SPOT_SERVE_REPOSITORY=OWNER/NAME   where the release is on GitHub (default: GITHUB_REPOSITORY)
# SPOT_SERVE_VERSION=VERSION         instead of the version in Cargo.toml
# Exit status: 0 success, 1 a file of the release is missing, 2 wrong usage.
set -euo pipefail
if [ $# != 2 ]; then sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2; exit 2; fi
mkdir -p "$2"
release=$(cd "$1" && pwd)
into=$(cd "$2" && pwd)
cd "$(dirname "$0")/.."
# shellcheck source=installer/linux/version.sh
. installer/linux/version.sh
repository=${SPOT_SERVE_REPOSITORY:-${GITHUB_REPOSITORY:?names the repository of the release: OWNER/NAME}}

fill() { # RECIPE
  local out=$into/$1 file
  mkdir -p "${out%/*}"
  sed "s|@VERSION@|$version|g; s|@REPOSITORY@|$repository|g; s|@DATE@|$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)|g" \
    "installer/$1" >"$out"
  for file in $(sed -n 's/.*@SHA256:\([^@]*\)@.*/\1/p' "$out"); do
    if [ ! -f "$release/$file" ]; then
      echo "$1 was not filled in: $file is not in $release." >&2
      return 1
    fi
    sed -i "s|@SHA256:$file@|$(sha256sum <"$release/$file" | cut -d' ' -f1)|" "$out"
  done
}
for recipe in arch/PKGBUILD homebrew/spot-serve.rb scoop/spot-serve.json winget/SpotServe.SpotServe.yaml \
  winget/SpotServe.SpotServe.installer.yaml winget/SpotServe.SpotServe.locale.en-US.yaml; do
  fill "$recipe"
done
echo "$into"
