# shellcheck shell=bash
# Finds the standard library of another target than this machine's. To be sourced.
#
# It may be the toolchain's own, what `rustup target add` gets, or in a directory named by
# SPOT_SERVE_SYSROOT that holds lib/rustlib/TARGET, or an archive
# std-RUSTC_VERSION-TARGET*.tar.xz of it, which is unpacked into the target directory.

rustc_version=$(rustc --version | cut -d' ' -f2)

# sysroot_of TARGET: where it is, in $sysroot; empty for the toolchain itself. Fails without one.
sysroot_of() {
  local own archive unpacked
  unpacked=${CARGO_TARGET_DIR:-target}/sysroot-$rustc_version
  case $unpacked in /*) ;; *) unpacked=$PWD/$unpacked ;; esac
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

# no_sysroot TARGET: why there is none, in words.
no_sysroot() {
  echo "neither rustup nor SPOT_SERVE_SYSROOT has the standard library of $1 for rustc $rustc_version"
}

# variable_of TARGET NAME: Cargo's variable for a setting of a target.
variable_of() { echo "CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$1")_$2"; }
