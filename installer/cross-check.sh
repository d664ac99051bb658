#!/usr/bin/env bash
# Type-checks the program (clippy, warnings are errors) for the systems that it is not
# being built on: Windows, macOS and Linux on ARM. Nothing is linked, so no foreign linker is
# needed.
#
# usage: installer/cross-check.sh [TARGET...]
#
# Each target needs its standard library, see sysroot.sh. A target without one is skipped,
# and that is said ("skip - ..."); exit status 1 is for a target that fails.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

targets=("$@")
[ $# -gt 0 ] || targets=(x86_64-pc-windows-gnu aarch64-apple-darwin aarch64-unknown-linux-gnu)
# shellcheck source=installer/sysroot.sh
. installer/sysroot.sh

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

checked=() environment=()
for target in "${targets[@]}"; do
  if ! sysroot_of "$target"; then
    echo "skip - $target type-checks: $(no_sysroot "$target")"
    continue
  fi
  checked+=("$target")
  words=${target//-/_}
  environment+=("CC_$words=$tools/cc" "AR_$words=$tools/ar")
  [ -z "$sysroot" ] || environment+=("$(variable_of "$target" RUSTFLAGS)=--sysroot=$sysroot")
done

# check TARGET...: all of them at once, so that no processor waits for the last crate of one.
check() {
  # DOCS_RS keeps mac-notification-sys from compiling Objective-C, which takes a Mac;
  # SPOT_SERVE_TYPES_ONLY our build.rs from compiling what stands in a Windows program.
  env "${environment[@]}" DOCS_RS=1 SPOT_SERVE_TYPES_ONLY=1 \
    cargo clippy --locked --package spot-serve "${@/#/--target=}" -- -D warnings
}

failed=0
[ ${#checked[@]} -gt 0 ] || exit 0
all=0
check "${checked[@]}" || all=$?
for target in "${checked[@]}"; do
  # What is said of one alone tells which it is.
  if [ $all = 0 ] || check "$target"; then
    echo "ok - $target type-checks"
  else
    echo "not ok - $target type-checks"
    failed=1
  fi
done
exit $failed
