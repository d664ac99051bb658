#!/usr/bin/env bash
# Measures start-up time, memory, wake-ups, the time from click to link, and the size. Prints a table
# with the goals. This is not a test: it doesn't fail on slow machines.
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
