#!/usr/bin/env bash
# Runs every test of the repository, and installs before what they need.
#
# Rust tests run by cargo nextest where it is installed, else by cargo test; then the
# shell suites (tests/*-test.sh, those in tests/desktop/ and tests/windows/), which print "ok - ",
# "not ok - " and "skip - " lines.
#
# A file that needs more than a Rust toolchain says so in a line of its own,
#     //! Needs: cloudflared desktop        (tests/*.rs, edge/tests/*.rs)
#     # Needs: desktop                      (shell suites)
# with the words cloudflared, netns, desktop, browser, archive, packages, scripts, workflows,
# windows. Where that can't be had the file is skipped, which is said at the end. Exit status 1 if a test failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=scripts/need-cargo.sh
. scripts/need-cargo.sh

# The tests' names are in every script, and bsdtar and others refuse them without a locale.
export LC_ALL=C.UTF-8

logs=${CARGO_TARGET_DIR:-target}/test-logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0
declare -A missing=() # need -> why it can't be had
skips=()

# What can be had here: all at once, and one by one only to learn what is missing.
groups=(desktop browser archive packages scripts workflows windows)
if ! scripts/install-test-packages.sh "${groups[@]}"; then
  for group in "${groups[@]}"; do
    status=0
    scripts/install-test-packages.sh "$group" || status=$?
    case $status in
      0) ;;
      77) missing[$group]="packages are missing, see above" ;;
      *) missing[$group]="packages could not be installed, see above" ;;
    esac
  done
fi
if ! tests/in-netns.sh true 2>/dev/null; then
  missing[netns]="network namespaces are not allowed here"
fi
if cloudflared=$(tests/get-cloudflared.sh); then
  export SPOT_SERVE_TEST_CLOUDFLARED=$cloudflared
else
  missing[cloudflared]="no real cloudflared could be had, see above"
fi

# lacks FILE: puts into $why what FILE needs and is not there; fails if nothing is lacking.
lacks() {
  local need
  why=
  for need in $(sed -n 's,^\(//!\|#\) Needs: *,,p' "$1"); do
    if [ -n "${missing[$need]-}" ]; then why="$need: ${missing[$need]}"; return 0; fi
  done
  return 1
}
skip_file() {
  skips+=("$1 ($why)")
  skipped=$((skipped + 1))
}

# Which Rust tests: all, or all but what lacks something.
selection=(--workspace)
some_lack=
files=()
candidates=(tests/*.rs)
# The edge's own tests, also the unit tests, run beside a cloudflared in a namespace.
if [ -n "${missing[cloudflared]-}${missing[netns]-}" ]; then
  selection+=(--exclude loopback-edge)
  why=${missing[cloudflared]-${missing[netns]-}}
  skip_file "edge/"
else
  candidates+=(edge/tests/*.rs)
fi
for file in "${candidates[@]}"; do
  if [ ! -f "$file" ]; then continue; fi
  if lacks "$file"; then some_lack=1; skip_file "$file"; else files+=(--test "$(basename "$file" .rs)"); fi
done
if [ -n "$some_lack" ]; then selection+=(--lib --bins "${files[@]}"); fi

# number TEXT WORD: the number that stands before WORD in TEXT, 0 without one.
number() { sed -n "s/.*[^0-9]\([0-9]\{1,\}\) $2.*/\1/p" <<<" $1" | tail -1 | grep . || echo 0; }

# What shell suites build first takes processors, and Rust tests mostly wait: side by side. What
# goes wrong here is said by the suite that needs it.
{
  if [ -z "${missing[packages]-}" ]; then
    installer/tool.sh cargo-deb
    installer/tool.sh cargo-generate-rpm
  fi
  if [ -z "${missing[windows]-}" ]; then installer/build-windows.sh --quick; fi
} >"$logs/ahead" 2>&1 &

started=$SECONDS
status=0
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run "${selection[@]}" --locked --no-fail-fast --color never 2>&1 | tee "$logs/rust" || status=$?
  summary=$(grep -E '^ *Summary \[' "$logs/rust" | tail -1)
  passed=$(number "$summary" passed)
  failed=$(($(number "$summary" failed) + $(number "$summary" 'timed out')))
  skipped=$((skipped + $(number "$summary" skipped)))
else
  cargo test "${selection[@]}" --locked --no-fail-fast --color never 2>&1 | tee "$logs/rust" || status=$?
  while IFS= read -r summary; do
    passed=$((passed + $(number "$summary" passed)))
    failed=$((failed + $(number "$summary" failed)))
    skipped=$((skipped + $(number "$summary" ignored)))
  done < <(grep '^test result: ' "$logs/rust")
fi
# It did not build, or a test binary died without a word.
if [ "$status" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
echo "Rust tests took $((SECONDS - started)) s"
wait

# run_suite FILE: leaves in the logs what it printed, its exit status and how long it took.
run_suite() {
  local began=$SECONDS status=0 log
  log=$logs/$(basename "$1")
  timeout 900 "$1" </dev/null >"$log" 2>&1 || status=$?
  echo "$status $((SECONDS - began))" >"$log.ends"
  mv "$log.ends" "$log.end"
}

# Many of them wait too: two rows of them, side by side.
suites=() first=() second=()
for suite in tests/*-test.sh tests/desktop/*-test.sh tests/page/run.sh tests/windows/*-test.sh; do
  if lacks "$suite"; then skip_file "$suite"; continue; fi
  suites+=("$suite")
  rm -f "$logs/$(basename "$suite").end"
  case $suite in
    tests/page/* | tests/windows/*) second+=("$suite") ;;
    *) first+=("$suite") ;;
  esac
done
rows=()
for suite in "${first[@]}"; do run_suite "$suite"; done & rows+=($!)
for suite in "${second[@]}"; do run_suite "$suite"; done & rows+=($!)
# Whoever interrupts this wants them to end as well.
trap 'kill "${rows[@]}" 2>/dev/null; exit 130' INT TERM
are_at_work() { kill -0 "${rows[@]}" 2>/dev/null; }

for suite in "${suites[@]}"; do
  log=$logs/$(basename "$suite")
  # Both rows gone and no word of its end: its row was killed.
  until [ -e "$log.end" ] || ! are_at_work; do sleep 0.2; done
  status=killed seconds="?"
  if [ -e "$log.end" ]; then read -r status seconds <"$log.end"; fi
  echo "== $suite"
  if [ "$suite" = tests/page/run.sh ]; then
    # In its words only what counts, unless something failed.
    if [ "$status" = 0 ]; then grep -E '^ok ' "$log"; else cat "$log"; fi
    passed=$((passed + $(number "$(tail -1 "$log")" passed)))
    bad=$(number "$(tail -1 "$log")" failed)
  else
    cat "$log"
    passed=$((passed + $(grep -c '^ok - ' "$log")))
    bad=$(grep -c '^not ok - ' "$log")
  fi
  # It ended before its end.
  if [ "$status" != 0 ] && [ "$bad" = 0 ]; then echo "not ok - $suite ended with status $status"; bad=1; fi
  failed=$((failed + bad))
  while IFS= read -r line; do
    skips+=("${line#skip - }")
    skipped=$((skipped + 1))
  done < <(grep '^skip - ' "$log")
  echo "$suite took $seconds s"
done

echo
for each in "${skips[@]}"; do echo "skipped: $each"; done
if [ $((passed + failed)) = 0 ]; then failed=1; echo "no test was run"; fi
echo "$passed passed, $failed failed, $skipped skipped"
exit $((failed > 0))
