#!/usr/bin/env bash
# Prints the path of a program for packages that are made in tests: SPOT_SERVE_PROGRAM, where that
# is set, such as target/release/spot-serve; else the one that all tests run, which is there
# already, without its symbols, as FILE.
#
# usage: program-to-package.sh FILE
set -euo pipefail
if [ -n "${SPOT_SERVE_PROGRAM-}" ]; then
  realpath "$SPOT_SERVE_PROGRAM"
  exit
fi
built=$("$(dirname "$0")/../scripts/build-debug.sh")
strip -o "$1" "$built/spot-serve"
echo "$1"
