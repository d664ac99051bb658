#!/bin/sh
# Prints the directory with tuspy, the Python client of the protocol tus, for tests, and downloads it
# first if needed: the versions in tests/tuspy/requirements.txt, each known by its hash. Only tests
# use it; it is never packaged.
#
# --present: download nothing, and fail if it isn't there.
set -eu

say() { echo "get-tuspy: $*" >&2; }
die() { say "$*"; exit 1; }

root=$(cd "$(dirname "$0")/.." && pwd)
requirements=$root/tests/tuspy/requirements.txt

command -v python3 >/dev/null || die "python3 is not installed"
# A part of it is compiled for one version of Python.
python=$(python3 -c 'import sys, sysconfig; print(sys.implementation.cache_tag, sysconfig.get_platform())')
key=$({ echo "$python"; cat "$requirements"; } | sha256sum | cut -c 1-16)
dir=${CARGO_TARGET_DIR:-$root/target}/test-tuspy/$key

if [ "${1-}" = --present ] && [ ! -d "$dir" ]; then
    echo "not downloaded; run tests/get-tuspy.sh" >&2
    exit 1
fi
if [ ! -d "$dir" ]; then
    mkdir -p "${dir%/*}"
    # If several callers start at the same time, one of them downloads it.
    exec 9>"${dir%/*}/.lock"
    flock 9
fi
if [ ! -d "$dir" ]; then
    if ! python3 -m pip --version >/dev/null 2>&1; then
        if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
            die "downloading tuspy needs python3 with pip (run as root to have apt install it)"
        fi
        {
            apt-get -o DPkg::Lock::Timeout=300 update -qq
            DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
                install -y -qq --no-install-recommends python3-pip
        } >&2
    fi
    tmp=$(mktemp -d "$dir.XXXXXX")
    trap 'rm -rf "$tmp"' EXIT
    trap 'exit 1' HUP INT TERM
    say "downloading tuspy and what it needs from PyPI, for tests only"
    for try in 1 2 3; do
        python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-compile --require-hashes \
            --only-binary :all: --target "$tmp/packages" -r "$requirements" >&2 && break
        [ "$try" != 3 ] || die "could not download tuspy for $python"
    done
    mv "$tmp/packages" "$dir"
fi
echo "$dir"
