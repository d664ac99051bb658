#!/bin/sh
# Runs each fuzz target for a number of seconds (60 by default), and stops at the first failure.
#
# Usage: run.sh [SECONDS] [TARGET...]
#
# This works with the stable compiler. The fuzzed code has no unsafe code, so no sanitizer is needed,
# and coverage alone doesn't need nightly.
set -eu
cd "$(dirname "$0")"
seconds=${1:-60}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- request_path range conditional encodings archive picture pipelined_requests listings hostile_trees relayed_requests cookies hosts forms upload_headers multipart handed_in received_names agents inspected propfind feed contents rendered selections about
tools=$PWD/target/tools
if [ ! -x "$tools/bin/cargo-fuzz" ]; then
    cargo install --locked --root "$tools" --target-dir "$tools/build" cargo-fuzz
fi
PATH=$tools/bin:$PATH
for target in "$@"; do
    echo "== $target, $seconds s"
    found=target/corpus/$target
    mkdir -p "$found"
    seeds=
    if [ -d "corpus/$target" ]; then seeds=corpus/$target; fi
    cargo fuzz run --sanitizer none "$target" "$found" ${seeds:+"$seeds"} -- \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1
done
