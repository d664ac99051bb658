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
  cost::crowds_that_list_a_large_folder_and_leave_cost_one_read_each
  cost::folders_in_each_other_are_served_512_deep_and_cost_little
  limits::a_hundred_thousand_entries_are_listed_completely_and_in_order
  limits::a_request_that_never_ends_times_out_even_on_a_reused_connection
  line::tests::a_hostile_line_costs_as_much_as_its_length
  page::cost::tests::whatever_is_written_the_parser_has_little_to_keep
  property::only_regular_files_inside_are_served
  thumbnail::memory_tests::a_picture_beyond_the_bound_is_refused_unless_its_blocks_will_do
  thumbnail::memory_tests::all_pictures_together_stay_within_the_bound
  thumbnail::memory_tests::decoding_takes_no_more_memory_than_estimated
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
