#!/bin/sh
# Compares the file server with that of an earlier commit and prints a table.
#
# Usage: compare.sh COMMIT [SECONDS_PER_MEASUREMENT] [ROUNDS]
set -eu
cd "$(dirname "$0")/../.."
commit=${1:?usage: compare.sh COMMIT [SECONDS_PER_MEASUREMENT] [ROUNDS]}
tools=$PWD/target/bench-tools
mkdir -p "$tools"
earlier=$tools/earlier
git worktree remove --force "$earlier" 2>/dev/null || true
git worktree add --quiet --detach "$earlier" "$commit"
trap 'git worktree remove --force "$earlier"' EXIT
# Both in one target directory, so that dependencies are built once.
cargo build --release --manifest-path "$earlier/benches/serve/Cargo.toml" --target-dir "$tools/own"
cp "$tools/own/release/bench-serve" "$tools/bench-serve-earlier"
cargo build --release --manifest-path benches/serve/Cargo.toml --target-dir "$tools/own"
"$tools/own/release/bench-serve" compare "$tools/bench-serve-earlier" "$tools" "${2:-2}" "${3:-5}"
