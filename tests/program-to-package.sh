#!/usr/bin/env bash
# Prints the path of the program for packages that tests build: SPOT_SERVE_PROGRAM if it is set,
# for example to target/release/spot-serve; otherwise FILE, a stripped copy of the program that all
# tests run.
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
