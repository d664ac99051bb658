#!/usr/bin/env bash
# Which skips a strict test run accepts.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/report.sh
. tests/report.sh
# shellcheck source=scripts/allowed-skips.sh
. scripts/allowed-skips.sh

missing="archive::a_date_after_2038_is_preserved, in part (unzip: not installed)"
on_macos="the application starts on macOS: there is no Mac here"
it "a skip that is not on the list is found" equal "$missing" "$(unexpected_skips "$on_macos" "$missing")"
it "a skip on the list is not" equal "" "$(unexpected_skips "$on_macos")"
it "without skips there are none" equal "" "$(unexpected_skips)"
for allowed in "${allowed_skips[@]}"; do
  # An entry that no test prints would allow nothing, or one day something else.
  if [[ $allowed = tests/* ]]; then it "there is ${allowed%% *}" test -e "${allowed%% *}"; continue; fi
  it "a test skips \"${allowed%: }\"" grep -rqF "skip \"${allowed%: }\"" tests --include=*-test.sh
done

# The real script in a checkout whose tests do nothing.
checkout=$(mktemp -d)
trap 'rm -rf "$checkout"' EXIT
mkdir -p "$checkout"/scripts "$checkout"/tests/{desktop,page,real-desktops,windows}
for suite in desktop/some-test.sh real-desktops/some-test.sh windows/some-test.sh page/run.sh; do
  printf '#!/bin/sh\necho "ok - it runs"\n' >"$checkout/tests/$suite"
  chmod 755 "$checkout/tests/$suite"
done
cp scripts/test.sh scripts/allowed-skips.sh scripts/rust-tests.sh "$checkout/scripts"
cp tests/report.sh "$checkout/tests"
: >"$checkout/scripts/need-cargo.sh"
cat >"$checkout/cargo" <<'EOF'
#!/bin/sh
echo "test result: ok. 1 passed; 0 failed"
[ "$1" != nextest ]
EOF
chmod 755 "$checkout/cargo"
# run SKIP OPTION...: the exit status of a test run whose suite skips this.
run() {
  local skip=$1 status=0
  shift
  printf '#!/bin/sh\necho "ok - it runs"\necho "skip - %s"\n' "$skip" >"$checkout/tests/only-test.sh"
  chmod 755 "$checkout/tests/only-test.sh"
  PATH=$checkout:$PATH CARGO_TARGET_DIR=$checkout/target \
    SPOT_SERVE_TEST_WITHOUT="desktop browser downloads packages scripts workflows windows netns cloudflared shells" \
    "$checkout/scripts/test.sh" "$@" >"$checkout/out" 2>&1 || status=$?
  echo $status
}
it "a strict run fails with another skip" equal 1 "$(run "$missing" --strict)"
it "and names it" grep -qF "not ok - skipped, which a strict run doesn't allow: $missing" "$checkout/out"
it "a strict run accepts an allowed skip" equal 0 "$(run "$on_macos" --strict)"
it "any other run accepts all" equal 0 "$(run "$missing")"
it "an unknown option is a usage error" equal 2 "$(run "$missing" --stirct)"
finish
