#!/usr/bin/env bash
# Runs every test of the repository, after installing what the tests need.
#
# First the Rust tests, with cargo nextest if it is installed, otherwise with cargo test; then the
# shell suites (tests/*-test.sh, and those in tests/desktop/, tests/page/, tests/real-desktops/ and
# tests/windows/), which print lines that begin with "ok - ", "not ok - " or "skip - ".
#
# A shell suite that needs more than a Rust toolchain says so:
#     # Needs: desktop
# with the words cloudflared, tuspy, netns, desktop, shells, browser, downloads, packages, scripts,
# workflows and windows. If something is missing, the suite is skipped. Rust tests check their needs themselves
# (edge/src/needs.rs). Every skip is listed and counted at the end.
#
# usage: scripts/test.sh [--strict]
#
#   --strict   a skip that scripts/allowed-skips.sh doesn't list is a failure
#
# SPOT_SERVE_TEST_WITHOUT="windows netns" leaves out what needs these.
# Exit status: 1 if a test failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

is_strict=false
case $* in
  '') ;;
  --strict) is_strict=true ;;
  *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2; exit 2 ;;
esac
# shellcheck source=scripts/need-cargo.sh
. scripts/need-cargo.sh
# shellcheck source=scripts/rust-tests.sh
. scripts/rust-tests.sh
# shellcheck source=scripts/allowed-skips.sh
. scripts/allowed-skips.sh

# File names in the tests are in many scripts, which bsdtar and others refuse without a locale.
export LC_ALL=C.UTF-8

logs=${CARGO_TARGET_DIR:-target}/test-logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0
declare -A missing=() # need -> why it is missing
skips=()

for need in ${SPOT_SERVE_TEST_WITHOUT-}; do missing[$need]="left out by SPOT_SERVE_TEST_WITHOUT"; done

# All at once, and one by one only to find out what is missing.
groups=()
for group in desktop browser downloads packages scripts workflows windows; do
  if [ -z "${missing[$group]-}" ]; then groups+=("$group"); fi
done
if [ ${#groups[@]} -gt 0 ] && ! scripts/install-test-packages.sh "${groups[@]}"; then
  for group in "${groups[@]}"; do
    status=0
    scripts/install-test-packages.sh "$group" || status=$?
    case $status in
      0) ;;
      77) missing[$group]="packages are missing, see above" ;;
      *) missing[$group]="packages couldn't be installed, see above" ;;
    esac
  done
fi
if [ -z "${missing[netns]-}" ] && ! why=$(tests/in-netns.sh true 2>&1); then
  missing[netns]=${why#skip: netns: }
fi
if [ -z "${missing[shells]-}" ] && ! grep -qs '^VERSION_CODENAME=bookworm$' /etc/os-release; then
  missing[shells]="only Debian 12 has the desktops that these tests know"
fi
if [ -z "${missing[cloudflared]-}" ]; then
  if cloudflared=$(tests/get-cloudflared.sh); then
    export SPOT_SERVE_TEST_CLOUDFLARED=$cloudflared
  else
    missing[cloudflared]="couldn't be downloaded, see above"
  fi
fi
if [ -z "${missing[tuspy]-}" ] && ! tests/get-tuspy.sh >/dev/null; then
  missing[tuspy]="couldn't be downloaded, see above"
fi

# lacks SUITE: whether something that SUITE needs is missing; sets $why.
lacks() {
  local need
  why=
  for need in $(sed -n 's,^# Needs: *,,p' "$1"); do
    if [ -n "${missing[$need]-}" ]; then why="$need: ${missing[$need]}"; return 0; fi
  done
  return 1
}
skip_suite() {
  skips+=("$1 ($why)")
  skipped=$((skipped + 1))
}

# Uses the processors while Rust tests mostly wait. If it fails here, the suite that needs it says so.
{
  if [ -z "${missing[windows]-}" ]; then installer/build-windows.sh --quick; fi
  if [ -z "${missing[shells]-}" ]; then
    for suite in tests/real-desktops/*-test.sh; do
      suite=${suite##*/}
      tests/real-desktops/download.sh "${suite%-test.sh}"
    done
  fi
} >"$logs/ahead" 2>&1 &

started=$SECONDS
rust_tests "$logs/rust" --workspace
echo "Rust tests took $((SECONDS - started)) s"
wait

# run_suite FILE: writes to the logs what it printed, its exit status and how long it took.
run_suite() {
  local began=$SECONDS status=0 log
  log=$logs/$(basename "$1")
  timeout 1800 "$1" </dev/null >"$log" 2>&1 || status=$?
  echo "$status $((SECONDS - began))" >"$log.ends"
  mv "$log.ends" "$log.end"
}

# Many of these wait as well, so three rows of them run side by side. Those in a browser take as
# long as all of the first row.
suites=() first=() second=() third=()
for suite in tests/*-test.sh tests/desktop/*-test.sh tests/page/run.sh tests/real-desktops/*-test.sh tests/windows/*-test.sh; do
  if lacks "$suite"; then skip_suite "$suite"; continue; fi
  suites+=("$suite")
  rm -f "$logs/$(basename "$suite").end"
  case $suite in
    tests/page/*) second+=("$suite") ;;
    tests/real-desktops/* | tests/windows/*) third+=("$suite") ;;
    *) first+=("$suite") ;;
  esac
done
rows=()
for suite in "${first[@]}"; do run_suite "$suite"; done & rows+=($!)
for suite in "${second[@]}"; do run_suite "$suite"; done & rows+=($!)
for suite in "${third[@]}"; do run_suite "$suite"; done & rows+=($!)
# Interrupting this script ends them, too.
trap 'kill "${rows[@]}" 2>/dev/null; exit 130' INT TERM
are_at_work() { kill -0 "${rows[@]}" 2>/dev/null; }

for suite in "${suites[@]}"; do
  log=$logs/$(basename "$suite")
  # If all rows are gone and it has not ended, its row was killed.
  until [ -e "$log.end" ] || ! are_at_work; do sleep 0.2; done
  status=killed seconds="?"
  if [ -e "$log.end" ]; then read -r status seconds <"$log.end"; fi
  echo "== $suite"
  if [ "$suite" = tests/page/run.sh ]; then
    # Print its log only if something failed.
    if [ "$status" = 0 ]; then grep -E '^ok ' "$log"; else cat "$log"; fi
    passed=$((passed + $(number "$(tail -1 "$log")" passed)))
    bad=$(number "$(tail -1 "$log")" failed)
  else
    cat "$log"
    passed=$((passed + $(grep -c '^ok - ' "$log")))
    bad=$(grep -c '^not ok - ' "$log")
  fi
  # It ended early.
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
if $is_strict; then
  while IFS= read -r each; do
    echo "not ok - skipped, which a strict run doesn't allow: $each"
    failed=$((failed + 1))
  done < <(unexpected_skips "${skips[@]}")
fi
if [ $((passed + failed)) = 0 ]; then failed=1; echo "no test was run"; fi
echo "$passed passed, $failed failed, $skipped skipped"
exit $((failed > 0))
