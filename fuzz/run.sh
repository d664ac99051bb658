#!/bin/sh
# Runs each fuzz target for some seconds (60 unless told otherwise), and stops at the first finding.
#
# Usage: run.sh [seconds] [target...]
#
# Works with the stable compiler: the program has no unsafe code of its own for a sanitizer to
# watch, and coverage alone needs no nightly.
set -eu
cd "$(dirname "$0")"
seconds=${1:-60}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- request_path range conditional archive picture
tools=$PWD/target/tools
if [ ! -x "$tools/bin/cargo-fuzz" ]; then
    cargo install --locked --root "$tools" --target-dir "$tools/build" cargo-fuzz
fi
PATH=$tools/bin:$PATH
for target in "$@"; do
    echo "== $target, $seconds s"
    found=target/corpus/$target
    mkdir -p "$found"
    cargo fuzz run --sanitizer none "$target" "$found" "corpus/$target" -- \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1
done
