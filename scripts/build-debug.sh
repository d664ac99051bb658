#!/usr/bin/env bash
# Builds all programs of the repository without optimisation, and prints the directory they are in.
#
# It is done with the very choice of packages and targets of the Rust tests: with another one some
# crates have other features, and everything that uses them is compiled once more.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --quiet --locked --workspace --bins --examples >&2
realpath "${CARGO_TARGET_DIR:-target}/debug"
