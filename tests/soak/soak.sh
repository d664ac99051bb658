#!/usr/bin/env bash
# soak.sh [SECONDS]: shares a folder through a real cloudflared and the loopback edge, puts it under
# mixed load, cuts links and kills cloudflared now and then, and prints every minute how much memory
# and how many threads and descriptors Spot Serve has. Run it for an hour (make soak T=3600) to see
# whether anything grows. Not part of the tests.
#
# SPOT_SERVE=PATH measures that program instead of the debug build.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}

# shellcheck source=scripts/need-cargo.sh
. scripts/need-cargo.sh
cloudflared=$(tests/get-cloudflared.sh)
if [ -n "${SPOT_SERVE:-}" ]; then
  spot_serve=$SPOT_SERVE
else
  spot_serve=$(scripts/build-debug.sh)/spot-serve
fi
edge=$(realpath -m "${CARGO_TARGET_DIR:-target}")/debug/loopback-edge
exec tests/in-netns.sh nice -n 10 python3 tests/soak/soak.py "$spot_serve" "$edge" "$cloudflared" "$seconds"
