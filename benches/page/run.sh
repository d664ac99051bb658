#!/bin/sh
# Compares the visitors' page with those of copyparty, dufs and caddy in a browser, and prints tables.
#
# Usage: run.sh [ROUNDS] [TABLE...]
#
# TABLE: first, long, pictures; all by default. The photos of the last one take 2 GB, as long as it runs.
set -eu
cd "$(dirname "$0")/../.."
tools=$PWD/target/bench-tools

scripts/install-test-packages.sh chromium
[ -d tests/page/node_modules ] || npm ci --prefix tests/page --ignore-scripts --no-audit --no-fund --loglevel error
if ! command -v caddy >/dev/null; then
    apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends caddy
fi
if [ ! -x "$tools/bin/dufs" ]; then
    cargo install --locked --root "$tools" --target-dir "$tools/build" dufs@0.47.0
fi
# Makes thumbnails, unlike the one that `benches/serve` installs.
if [ ! -d "$tools/copyparty-page" ]; then
    python3 -m pip install --quiet --target "$tools/copyparty-page" 'copyparty[thumbnails]==1.20.26'
fi
cargo build --release --locked

export BENCH_TOOLS="$tools" SPOT_SERVE="$PWD/target/release/spot-serve"
export CHROMIUM="${CHROMIUM:-$(command -v /usr/lib/chromium/chromium-headless-shell chromium | head -1)}"
# In a namespace with only loopback, so that nothing waits for the network.
exec tests/in-netns.sh node benches/page/bench.mjs "$@"
