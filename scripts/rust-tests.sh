# Sourced: runs Rust tests and counts them.
# shellcheck shell=bash

# number TEXT WORD: the number that stands before WORD in TEXT, 0 if there is none.
number() { sed -n "s/.*[^0-9]\([0-9]\{1,\}\) $2.*/\1/p" <<<" $1" | tail -1 | grep . || echo 0; }

# rust_tests LOG SELECTION... [-- ARGUMENTS OF THE TEST RUNNER...]: runs the selected tests, with
# cargo nextest if it is installed. Adds to $passed, $failed and $skipped, and to the array $skips
# what the tests said they skipped, and why (edge/src/needs.rs).
rust_tests() {
  local log=$1 status=0 summary line
  shift
  SPOT_SERVE_TEST_SKIPS=$(realpath "$(dirname "$log")")/rust-skips
  export SPOT_SERVE_TEST_SKIPS
  : >"$SPOT_SERVE_TEST_SKIPS"
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --locked --no-fail-fast --color never "$@" 2>&1 | tee "$log" || status=$?
    summary=$(grep -E '^ *Summary \[' "$log" | tail -1)
    passed=$((passed + $(number "$summary" passed)))
    failed=$((failed + $(number "$summary" failed) + $(number "$summary" 'timed out')))
  else
    cargo test --locked --no-fail-fast --color never "$@" 2>&1 | tee "$log" || status=$?
    while IFS= read -r summary; do
      passed=$((passed + $(number "$summary" passed)))
      failed=$((failed + $(number "$summary" failed)))
    done < <(grep '^test result: ' "$log")
  fi
  # It did not build, or a test program died without a word.
  if [ "$status" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
  while IFS= read -r line; do
    skips+=("$line")
    skipped=$((skipped + 1))
    # To the test runner it passed.
    case $line in *', in part ('*) ;; *) passed=$((passed - 1)) ;; esac
  done < <(sort -u "$SPOT_SERVE_TEST_SKIPS")
}
