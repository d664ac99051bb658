#!/usr/bin/env bash
# Measures what a person feels: start to icon, memory, wake-ups, click to link, size. Prints a
# table with what the project wants to reach. No part of the tests: nothing fails here because
# a machine is slow.
#
# usage: benches/run.sh [ROUNDS]
set -uo pipefail
rounds=${1:-15}
cd "$(dirname "$0")/.." || exit 1
scripts/install-test-packages.sh desktop || exit
cargo build --quiet --release --locked || exit
export SPOT_SERVE_PROGRAM=$PWD/target/release/spot-serve
export BENCH_ROUNDS=$rounds
exec benches/in-desktop.sh
