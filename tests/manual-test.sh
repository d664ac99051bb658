#!/usr/bin/env bash
# Needs: desktop
# The manual page and the completions that packages install.
set -uo pipefail
root=$(realpath "$(dirname "$0")/..")
# shellcheck source=tests/report.sh
. "$root/tests/report.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

has() { grep -qF -- "$2" "$work/$1" || { ls "$work"; return 1; }; }
# What a shell offers after "spot-serve s".
offered() {
  bash -c ". '$work/spot-serve.bash'; COMP_WORDS=(spot-serve s); COMP_CWORD=1; _spot__serve spot-serve s spot-serve; printf '%s ' \"\${COMPREPLY[@]}\""
}

cd "$root" || exit 1
it "they are generated" "$(scripts/build-debug.sh)/examples/manual" "$work"
it "the manual names the exit codes" has spot-serve.1 "3  shared on this computer only"
it "each command has its page" has spot-serve-share.1 "Share a folder, files"
it "bash completes commands" equal "share status stop set sidecar " "$(offered)"
it "the program's internal commands have no page" fails has spot-serve.1 guard
finish
