#!/usr/bin/env bash
# Builds the installer for Windows with Debian's makensis.
#
# usage: installer/package-windows.sh [--without-sidecar] [--program EXE] [--version VERSION]
#
#   --without-sidecar  see sidecar.sh
#   --program EXE      package this program instead of building one, without compression (for tests)
#   --version VERSION  use this version instead of the one in Cargo.toml (for tests)
#
# The installer is saved to target/packages. It is not signed, so Windows shows a warning before it
# runs.
# Exit status: 0 success, 1 failure, 2 wrong usage, 77 a tool is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

sidecar=() quick=()
program=
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
while [ $# -gt 0 ]; do
  case $1 in
    --without-sidecar) sidecar=(--without-sidecar) ;;
    --program) program=${2-} quick=(-DQUICK); shift ;;
    --version) version=${2-}; shift ;;
    *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2; exit 2 ;;
  esac
  shift
done
if ! command -v makensis >/dev/null; then
  echo "makensis is missing. Install it with: apt-get install nsis" >&2
  exit 77
fi
if [ -z "$program" ]; then program=$(installer/build-windows.sh); fi

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp "$program" "$stage/spot-serve.exe"
cp LICENSE "$stage/LICENSE.txt"
cp icons/png/app-64.png "$stage/spot-serve.png"
installer/sidecar.sh ${sidecar[@]+"${sidecar[@]}"} x86_64-pc-windows-gnu "$stage" >&2
packages=$(realpath -m "${CARGO_TARGET_DIR:-target}")/packages
mkdir -p "$packages"
out=$packages/spot-serve-$version-windows-x86_64-setup.exe
LC_ALL=C.UTF-8 makensis -V2 -INPUTCHARSET UTF8 -WX ${quick[@]+"${quick[@]}"} "-DVERSION=$version" "-DSTAGE=$stage" "-DROOT=$PWD" "-DOUT=$out" \
  installer/windows/spot-serve.nsi >&2
echo "$out"
