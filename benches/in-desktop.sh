#!/usr/bin/env bash
# The part of benches/run.sh that runs inside a test desktop.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$(realpath "$0")")/../tests/desktop/lib.sh"
open_edge
open_desktop bench || exit
mkdir "$work/Photos"
recent "$work/Photos"
timeout 600 "$here/bin/in-desktop" "$run" /usr/bin/python3 "$root/benches/measure.py" \
  "$program" "$SPOT_SERVE_TEST_CLOUDFLARED" "$work/edge.json" "$run/notifications.jsonl" \
  "${BENCH_ROUNDS:-15}" 8>&- 9>&-
status=$?
close_desktop
exit $status
