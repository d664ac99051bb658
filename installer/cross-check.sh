#!/usr/bin/env bash
# Type-checks Spot Serve for other systems: Windows, macOS and Linux on ARM. Runs clippy and treats
# warnings as errors. Nothing is linked, so no foreign linker is needed.
#
# usage: installer/cross-check.sh [--strict] [TARGET...]
#
# Each target needs its standard library (see sysroot.sh). A target without one is skipped and
# reported as "skip - ...", or fails with --strict. The exit status is 1 if a target fails.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

is_strict=false
if [ "${1-}" = --strict ]; then is_strict=true; shift; fi
targets=("$@")
[ $# -gt 0 ] || targets=(x86_64-pc-windows-gnu aarch64-apple-darwin aarch64-unknown-linux-gnu)
# shellcheck source=installer/sysroot.sh
. installer/sysroot.sh

# Parts of ring are written in C and would need the target's compiler. Type-checking doesn't use
# the result, so a stand-in writes empty files.
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
failed=0
for target in "${targets[@]}"; do
  if ! sysroot_of "$target"; then
    if $is_strict; then echo -n "not ok"; failed=1; else echo -n "skip"; fi
    echo " - $target type-checks: $(no_sysroot "$target")"
    continue
  fi
  checked+=("$target")
  words=${target//-/_}
  environment+=("CC_$words=$tools/cc" "AR_$words=$tools/ar")
  [ -z "$sysroot" ] || environment+=("$(variable_of "$target" RUSTFLAGS)=--sysroot=$sysroot")
done

# check TARGET...: checks all targets at once, which uses the processors best.
check() {
  # DOCS_RS stops mac-notification-sys from compiling Objective-C, which needs a Mac.
  # SPOT_SERVE_TYPES_ONLY stops our build.rs from compiling Windows resources.
  env "${environment[@]}" DOCS_RS=1 SPOT_SERVE_TYPES_ONLY=1 \
    cargo clippy --locked --package spot-serve "${@/#/--target=}" -- -D warnings
}

[ ${#checked[@]} -gt 0 ] || exit $failed
all=0
check "${checked[@]}" || all=$?
for target in "${checked[@]}"; do
  # If the joint check failed, check each target alone to find out which one failed.
  if [ $all = 0 ] || check "$target"; then
    echo "ok - $target type-checks"
  else
    echo "not ok - $target type-checks"
    failed=1
  fi
done
exit $failed
