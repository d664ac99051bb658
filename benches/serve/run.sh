#!/bin/sh
# Compares the file server with nginx, caddy, miniserve, dufs and copyparty, and prints tables with
# ratios and goals.
#
# Usage: run.sh [SECONDS_PER_MEASUREMENT] [ROUNDS] [TABLE...]
#
# TABLE: requests, large, copy, alone, receive, tunnel, network; all by default
set -eu
cd "$(dirname "$0")/../.."
tools=$PWD/target/bench-tools
mkdir -p "$tools"

has() { command -v "$1" >/dev/null 2>&1; }

if ! has nginx || ! has caddy || ! has rclone; then
    if [ "$(id -u)" = 0 ] && has apt-get; then
        apt-get -o DPkg::Lock::Timeout=300 update -qq
        apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends nginx-light caddy rclone
    else
        echo "nginx, caddy or rclone is missing. Install them with: apt-get install nginx-light caddy rclone" >&2
        exit 1
    fi
fi
for tool in miniserve dufs; do
    if [ ! -x "$tools/bin/$tool" ]; then
        cargo install --locked --root "$tools" --target-dir "$tools/build" "$tool"
    fi
done
if [ ! -x "$tools/copyparty/bin/copyparty" ]; then
    python3 -m venv "$tools/copyparty"
    "$tools/copyparty/bin/pip" install --quiet copyparty==1.20.26
fi
cargo build --release --manifest-path benches/serve/Cargo.toml --target-dir "$tools/own"
seconds=${1:-2}
rounds=${2:-5}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- requests large copy alone receive tunnel network
bench=$tools/own/release/bench-serve

# Runs one table in a namespace with only loopback, so that nothing waits for the network.
apart() {
    status=0
    tests/in-netns.sh "$bench" run "$tools" "$seconds" "$rounds" "$1" || status=$?
    if [ "$status" = 77 ]; then
        echo "table $1 is left out" >&2
    elif [ "$status" != 0 ]; then
        exit "$status"
    fi
}

direct=
for table in "$@"; do
    case $table in
    tunnel)
        BENCH_CLOUDFLARED=$(tests/get-cloudflared.sh)
        # The edge only has to be faster than the servers it measures.
        CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
            cargo build --locked --release -p loopback-edge --target-dir "$tools/edge"
        export BENCH_CLOUDFLARED BENCH_EDGE="$tools/edge/release/loopback-edge"
        apart tunnel
        ;;
    network) apart network ;;
    *) direct="$direct $table" ;;
    esac
done
if [ -n "$direct" ]; then
    # The names of tables are words.
    # shellcheck disable=SC2086
    exec "$bench" run "$tools" "$seconds" "$rounds" $direct
fi
