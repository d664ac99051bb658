#!/usr/bin/env bash
# Drives a real browser over a real share. What it sees is in target/screenshots/.
#
# usage: tests/page/run.sh [TEST-FILE...]
# The last line is "N passed, N failed"; 77 is the exit status where the browser is missing.
# Needs: browser
set -euo pipefail
cd "$(dirname "$0")/../.."

# shellcheck source=scripts/need-cargo.sh
. scripts/need-cargo.sh
scripts/install-test-packages.sh browser
scripts/build-debug.sh >/dev/null

files=("$@")
[ $# -gt 0 ] || files=(tests/page/*.test.mjs)
log=${CARGO_TARGET_DIR:-target}/test-logs/page
mkdir -p "$(dirname "$log")"
status=0
# Nothing here asks anybody, and a node that inherits a silent pipe waits for it.
exec </dev/null

run=()
if [ -z "${SPOT_SERVE_TEST_CLOUDFLARED-}" ]; then
  SPOT_SERVE_TEST_CLOUDFLARED=$(tests/get-cloudflared.sh) || SPOT_SERVE_TEST_CLOUDFLARED=
fi
export SPOT_SERVE_TEST_CLOUDFLARED
# Without a network of its own cloudflared would look for the real edge.
if tests/in-netns.sh true 2>/dev/null; then run=(tests/in-netns.sh); fi
# Two files at once, as most tests wait for something.
"${run[@]}" node --test --test-concurrency=2 --test-timeout=600000 --test-reporter=tap "${files[@]}" | tee "$log" || status=$?

number() { sed -n "s/^# $1 \([0-9]*\)$/\1/p" "$log" | tail -1; }
passed=$(number pass)
failed=$(($(number fail) + $(number cancelled)))
if [ "$status" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
echo "${passed:-0} passed, $failed failed"
exit $((failed > 0))
