#!/usr/bin/env bash
# Prints the path of a packaging tool. If it is missing, builds the version pinned here from
# crates.io, into the target directory.
#
# usage: installer/tool.sh cargo-cyclonedx
set -euo pipefail
case ${1-} in
  cargo-cyclonedx) version=0.5.9 ;;
  *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2; exit 2 ;;
esac
target=${CARGO_TARGET_DIR:-$(cd "$(dirname "$0")/.." && pwd)/target}
place=$target/tools/$1-$version
if [ ! -x "$place/bin/$1" ]; then
  echo "Building $1 $version (only once)…" >&2
  # A debug build: optimising would take longer than it saves.
  CARGO_PROFILE_DEV_DEBUG=false cargo install --quiet --locked --debug --no-track --root "$place" --target-dir "$target/tools/build" "$1@$version" >&2
fi
echo "$place/bin/$1"
