#!/usr/bin/env bash
# Runs the tests that need nothing but Rust and don't take long: unit tests, the core, and the
# server without its long tests. Installs and downloads nothing. Exit status 1 if a test failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=scripts/need-cargo.sh
. scripts/need-cargo.sh
# shellcheck source=scripts/rust-tests.sh
. scripts/rust-tests.sh

# Each takes several seconds, or waits for a time-out.
long=(
  archive::a_five_gibibyte_file_is_archived_and_resumed
  archive::seventy_thousand_files_make_one_archive
  archive_changes::a_complete_archive_is_valid_whatever_changes
  crowd::a_visitor_who_reads_nothing_costs_little_memory
  limits::a_hundred_thousand_entries_are_listed_completely_and_in_order
  limits::a_request_that_never_ends_times_out_even_on_a_reused_connection
)

logs=${CARGO_TARGET_DIR:-target}/test-logs
mkdir -p "$logs"
skip=()
for test in "${long[@]}"; do skip+=(--skip "$test"); done
passed=0 failed=0 skipped=0
skips=()
rust_tests "$logs/rust-quick" --workspace --lib --bins --test core --test server -- "${skip[@]}"

echo
for each in "${skips[@]}"; do echo "skipped: $each"; done
echo "left out: the tests of the tunnel, the test edge, the built program, the tray, the page and the packages, and these long ones:"
for test in "${long[@]}"; do echo "  $test"; done
echo "Run \`make test\` for everything."
echo "$passed passed, $failed failed, $skipped skipped"
exit $((failed > 0))
