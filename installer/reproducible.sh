#!/usr/bin/env bash
# Builds the program twice, in folders of different names, and compares the bytes. Takes as long as two
# builds.
#
# usage: installer/reproducible.sh [--debug]
#
#   --debug   build without optimisation, which is much faster
#
# Exit status: 0 the same bytes, 1 different ones, 2 wrong usage.
set -euo pipefail
profile=release
case ${1-} in
  '') ;;
  --debug) profile=debug ;;
  *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2; exit 2 ;;
esac
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
export CARGO_INCREMENTAL=0
# built NAME: builds HEAD in a folder of this name.
built() {
  mkdir -p "$work/$1"
  git archive HEAD | tar -x -C "$work/$1"
  (
    cd "$work/$1"
    export RUSTFLAGS="--remap-path-prefix=$PWD=/build --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
    option=
    if [ $profile = release ]; then option=--release; fi
    cargo build --quiet --locked --package spot-serve ${option:+"$option"} --target-dir "$work/$1/target"
  )
  sha256sum <"$work/$1/target/$profile/spot-serve"
  rm -rf "${work:?}/$1"
}
first=$(built here)
second=$(built another/place)
echo "$first"
if [ "$first" != "$second" ]; then
  echo "The second build is different: $second" >&2
  exit 1
fi
