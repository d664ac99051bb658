#!/usr/bin/env bash
# Builds all programs of the repository without optimisation, and prints their directory.
#
# It selects the same packages as the Rust tests. With another selection some crates would get other
# features, and everything that uses them would be compiled again.
set -euo pipefail
cd "$(dirname "$0")/.."
# The packaging scripts set a date, for which crates that compile C would be built again.
env -u SOURCE_DATE_EPOCH cargo build --quiet --locked --workspace --bins --examples >&2
realpath "${CARGO_TARGET_DIR:-target}/debug"
