#!/usr/bin/env bash
# Type-checks the program (clippy, warnings are errors) for the systems that it is not
# being built on: Windows and macOS. Nothing is linked, so no foreign linker is needed.
#
# usage: installer/cross-check.sh [TARGET...]
#
# Each target needs its standard library: the toolchain's own, what `rustup target add`
# gets, or a directory named by SPOT_SERVE_SYSROOT that holds lib/rustlib/TARGET or an
# archive std-RUSTC_VERSION-TARGET*.tar.xz of it. A target without one is skipped, and
# that is said ("skip - ..."); exit status 1 is for a target that fails.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

targets=("$@")
[ $# -gt 0 ] || targets=(x86_64-pc-windows-gnu aarch64-apple-darwin)
rustc_version=$(rustc --version | cut -d' ' -f2)
unpacked=$PWD/${CARGO_TARGET_DIR:-target}/sysroot-$rustc_version
case ${CARGO_TARGET_DIR-} in /*) unpacked=$CARGO_TARGET_DIR/sysroot-$rustc_version ;; esac

# sysroot_of TARGET: where its standard library is, in $sysroot; empty for the toolchain itself.
sysroot_of() {
  local own archive
  sysroot=
  own=$(rustc --print sysroot)/lib/rustlib/$1/lib
  if compgen -G "$own/libcore-*" >/dev/null; then return 0; fi
  if command -v rustup >/dev/null && timeout 300 rustup target add "$1" >/dev/null 2>&1; then return 0; fi
  if [ -z "${SPOT_SERVE_SYSROOT-}" ]; then return 1; fi
  for sysroot in "$SPOT_SERVE_SYSROOT" "$unpacked"; do
    if compgen -G "$sysroot/lib/rustlib/$1/lib/libcore-*" >/dev/null; then return 0; fi
  done
  for archive in "$SPOT_SERVE_SYSROOT/std-$rustc_version-$1"*.tar.xz; do
    if [ -f "$archive" ]; then
      mkdir -p "$unpacked" && tar -xJf "$archive" -C "$unpacked" && sysroot=$unpacked && return 0
    fi
  done
  return 1
}

# Parts of ring, the cryptography, are C, which takes the system's own compiler; checking types
# needs nothing of what it makes.
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
cat >"$tools/cc" <<'EOF'
#!/bin/sh
for word in "$@"; do
  if [ "$last" = -o ]; then : >"$word"; fi
  last=$word
done
EOF
printf '#!/bin/sh\n: >"$2"\n' >"$tools/ar"
chmod +x "$tools"/*

failed=0
for target in "${targets[@]}"; do
  if ! sysroot_of "$target"; then
    echo "skip - $target type-checks: neither rustup nor SPOT_SERVE_SYSROOT has the standard library of $target for rustc $rustc_version"
    continue
  fi
  variable=CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$target")_RUSTFLAGS
  # DOCS_RS keeps mac-notification-sys from compiling Objective-C, which takes a Mac.
  words=${target//-/_}
  if env "CC_$words=$tools/cc" "AR_$words=$tools/ar" ${sysroot:+"$variable=--sysroot=$sysroot"} DOCS_RS=1 \
    cargo clippy --locked --package spot-serve --target "$target" -- -D warnings; then
    echo "ok - $target type-checks"
  else
    echo "not ok - $target type-checks"
    failed=1
  fi
done
exit $failed
