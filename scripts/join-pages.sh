#!/usr/bin/env bash
# Joins the scripts and style sheets of the pages for a debug build that runs with SPOT_SERVE_PAGES,
# so that a change to them needs no build.
#
# usage: scripts/join-pages.sh [FOLDER]     (target/pages)
# It takes the build script of the last build.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
OUT_DIR=${1:-$target/pages}
export OUT_DIR
# shellcheck disable=SC2012 # Its folder has no odd names.
script=$(ls -t "$target"/debug/build/spot-serve-*/build-script-build 2>/dev/null | head -1)
[ -n "$script" ] || { echo "Run cargo build first." >&2; exit 1; }
if ! "$script" | grep '^cargo::error' >&2; then
  echo "$OUT_DIR"
else
  exit 1
fi
