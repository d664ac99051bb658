#!/usr/bin/env bash
# Builds spot-serve.exe for Windows on Linux, and prints its path.
#
# usage: installer/build-windows.sh [--quick]
#
#   --quick   build without optimisation, which is faster; for tests
#
# Requires Debian's gcc-mingw-w64-x86-64 (scripts/install-test-packages.sh cross) and the standard
# library of x86_64-pc-windows-gnu (see sysroot.sh). The program uses only DLLs that come with
# Windows.
# Exit status: 0 success, 1 the build failed, 2 wrong usage, 77 a part of the toolchain is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

target=x86_64-pc-windows-gnu
profile=release
case ${1-} in
  '') ;;
  --quick) profile=dev ;;
  *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2; exit 2 ;;
esac
# shellcheck source=installer/sysroot.sh
. installer/sysroot.sh

if ! command -v x86_64-w64-mingw32-gcc >/dev/null; then
  echo "The Windows compiler is missing. Install it with: apt-get install gcc-mingw-w64-x86-64" >&2
  exit 77
fi
if ! sysroot_of $target; then
  echo "$(no_sysroot $target | sed 's/./\U&/')." >&2
  exit 77
fi
# Build scripts and macros are shared with the other test builds, so they are not built again.
env "$(variable_of $target LINKER)=x86_64-w64-mingw32-gcc" CARGO_PROFILE_DEV_DEBUG=false \
  ${sysroot:+"$(variable_of $target RUSTFLAGS)=--sysroot=$sysroot"} \
  cargo build --locked --package spot-serve --target $target --profile "$profile" >&2
program=${CARGO_TARGET_DIR:-target}/$target/${profile/dev/debug}/spot-serve.exe
if [ $profile = dev ]; then x86_64-w64-mingw32-strip "$program"; fi
echo "$program"
