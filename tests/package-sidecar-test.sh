#!/usr/bin/env bash
# The cloudflared in packages: installer/sidecar.sh, with a release on a local server.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/report.sh
. ./report.sh
# shellcheck source=tests/release_server.sh
. ./release_server.sh

mkdir "$work/inner"
head -c 300000 /dev/urandom >"$work/served/tool"
head -c 300000 /dev/urandom >"$work/served/another"
cp "$work/served/tool" "$work/inner/cloudflared"
tar -czf "$work/served/tool.tgz" -C "$work/inner" cloudflared
serve_releases
export SPOT_SERVE_PINS=$work/pins.toml
pins() { # where releases are
  cat >"$SPOT_SERVE_PINS" <<END
version = "1.2.3"
url = "$1/{asset}"
$(pin x86_64-unknown-linux-gnu tool "$work/served/tool")
$(pin x86_64-pc-windows-gnu tool "$work/served/tool")
$(pin aarch64-unknown-linux-gnu another "$work/served/tool")
$(pin aarch64-apple-darwin tool.tgz "$work/served/tool.tgz")
archive = "tgz"
binary_sha256 = "$(sha256 "$work/served/tool")"
END
}
pins "$releases/good"

stage() { ../installer/sidecar.sh "$@" >"$work/said" 2>&1; }
said() { grep -qF -- "$1" "$work/said" || { cat "$work/said"; return 1; }; }
shopt -s nullglob
holds() { local dir=$1; shift; equal "$*" "$(cd "$dir" && echo *)"; }
licence=cloudflared-LICENSE.txt notice=cloudflared-NOTICE.txt

linux=$work/linux
it "a sidecar is placed next to the program" stage x86_64-unknown-linux-gnu "$linux"
it "with its licence and its notice" holds "$linux" $licence $notice cloudflared-x86_64-unknown-linux-gnu
it "it is the pinned one" cmp "$work/served/tool" "$linux/cloudflared-x86_64-unknown-linux-gnu"
it "it can be run" test -x "$linux/cloudflared-x86_64-unknown-linux-gnu"
it "the licence is the Apache License" grep -q 'Version 2.0, January 2004' "$linux/$licence"
it "the notice names the owner" grep -qx 'Copyright Cloudflare, Inc.' "$linux/$notice"
it "and the libraries that are linked into it" grep -qF 'github.com/quic-go/quic-go' "$linux/$notice"
it "one for Windows" stage x86_64-pc-windows-gnu "$work/windows"
it "has .exe in its name" cmp "$work/served/tool" "$work/windows/cloudflared-x86_64-pc-windows-gnu.exe"
it "one for macOS" stage aarch64-apple-darwin "$work/macos"
it "is extracted from its archive" cmp "$work/served/tool" "$work/macos/cloudflared-aarch64-apple-darwin"
it "no other file is left in the checkout" fails cmp -s "$work/served/tool" ../binaries/cloudflared-x86_64-unknown-linux-gnu

it "a file other than the pinned one builds no package" fails stage aarch64-unknown-linux-gnu "$work/refused"
it "and the message says why" said 'is not the pinned file'
it "nothing is left of it" holds "$work/refused"
pins "http://127.0.0.1:9"
it "without a network no package is built" fails stage x86_64-unknown-linux-gnu "$linux"
it "and the message says what to do" said 'use --without-sidecar'
it "an older sidecar does not stay by mistake" holds "$linux"
pins "$releases/good"
stage x86_64-unknown-linux-gnu "$linux"
it "a package can be built without a sidecar" stage --without-sidecar x86_64-unknown-linux-gnu "$linux"
it "and then contains none" holds "$linux"
it "a target without a cloudflared is a usage error" sh -c '../installer/sidecar.sh riscv64-unknown-plan9 "$1" 2>/dev/null; test $? = 2' sh "$work/none"
finish
