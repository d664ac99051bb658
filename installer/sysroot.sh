# shellcheck shell=bash
# Finds the standard library for another target. Source this file.
#
# It looks in the toolchain, which `rustup target add` extends, and in the directory
# SPOT_SERVE_SYSROOT. That directory may contain lib/rustlib/TARGET, or an archive
# std-RUSTC_VERSION-TARGET*.tar.xz, which is unpacked into the target directory.

rustc_version=$(rustc --version | cut -d' ' -f2)

# sysroot_of TARGET: sets $sysroot to its location; empty means the toolchain itself. Fails if there
# is none.
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

# no_sysroot TARGET: prints why there is none.
no_sysroot() {
  echo "neither rustup nor SPOT_SERVE_SYSROOT has the standard library of $1 for rustc $rustc_version"
}

# variable_of TARGET NAME: prints Cargo's environment variable for a target's setting.
variable_of() { echo "CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$1")_$2"; }
