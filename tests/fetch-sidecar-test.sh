#!/usr/bin/env bash
# Tests binaries/fetch.sh against a local server that misbehaves.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/report.sh
. ./report.sh
# shellcheck source=tests/release_server.sh
. ./release_server.sh
fetch=$PWD/../binaries/fetch.sh
target=x86_64-unknown-linux-gnu

# The "downloaded" file leaves a trace if anything runs it.
{ printf '#!/bin/sh\ntouch %s/was-run\nexit\n' "$work"; head -c 300000 /dev/urandom; } >"$work/served/tool"
sed 's/exit/EXIT/' "$work/served/tool" >"$work/served/tampered"
mkdir "$work/inner" && cp "$work/served/tool" "$work/inner/cloudflared"
tar -czf "$work/served/tool.tgz" -C "$work/inner" cloudflared
size=$(wc -c <"$work/served/tool")
sha256=$(sha256 "$work/served/tool")

serve_releases

# run HOW ASSET: fetches into a directory $into, with the server behaving like HOW; the
# outcome is in $status, $said and $requests.
run() {
  printf 'version = "1.2.3"\nurl = "%s/%s/{asset}" # comment\n\n[aarch64-unknown-linux-gnu]\nasset = "other"\n\n[%s]\nasset = "%s"\nsize = %s\nsha256 = "%s"\n%s\n' \
    "$releases" "$1" "$target" "$2" "${pinned_size:-$size}" "${pinned_sha256:-$sha256}" "${more_pins-}" >"$work/pins.toml"
  : >"$work/served/requests"
  status=0
  said=$(PATH=${fetch_path:-$PATH} "$fetch" --pins "$work/pins.toml" --into "$into" "$target" 2>&1) || status=$?
  requests=$(cat "$work/served/requests")
}
fresh() { into=$work/into$((++number)); placed=$into/cloudflared-$target; }
number=0
installed() { cmp "$work/served/tool" "$placed" && test -x "$placed" && equal "cloudflared-$target" "$(ls "$into")"; }
nothing_left() { equal "" "$(ls -A "$into")"; }
says() { grep -F -- "$1" <<<"$said" || { echo "$said"; return 1; }; }
one_line() { equal 1 "$(grep -c "$1" <<<"$said")"; }

fresh; run good tool
it "the pinned file is downloaded" equal 0 $status
it "it is moved to its place, ready to run" installed
run good tool
it "an existing file is not downloaded again" equal "0 " "$status $requests"
cp "$work/served/tampered" "$placed"; run good tool
it "an existing file that is not the pinned one is replaced" installed

fresh; run good tampered
it "a file with another hash is refused" equal 1 $status
it "the refusal names both hashes" says "not $sha256"
it "nothing is left of a refused file" nothing_left
fresh; pinned_size=$((size - 1)) run good tool
it "a file of another size is refused" equal 1 $status
it "nothing is left of a file of another size" nothing_left

fresh; run cut tool
it "an interrupted download is not an error" equal 0 $status
it "an interrupted download is reported in a sentence" says "could not be downloaded"
it "its partial file is not in place" test ! -e "$placed"
had=$(cat "$into"/*.part | wc -c)
run good tool
it "it is resumed where it stopped" equal "/good/tool bytes=$had-" "$requests"
it "the resumed file is in place" installed
fresh; run cut tool; run no-range tool
it "a server that does not resume is asked for the whole file" installed
fresh; mkdir "$into"; head -c 1000 /dev/urandom >"$into/cloudflared-$target-1.2.3.part"; run good tool
it "a partial file of something else is refused" equal 1 $status
run good tool
it "the next attempt starts from the beginning" installed

fresh; run no-such-thing tool
it "a missing release is reported and is not an error" says "error: 404"
it "a missing release leaves nothing" equal "0 " "$status $(ls -A "$into")"
fresh; releases=http://127.0.0.1:9 run good tool
it "without a network it is not an error" equal 0 $status
it "without a network one sentence says so" one_line "on this computer only"
it "without a network nothing is left" nothing_left

more_pins=$(printf 'archive = "tgz"\nbinary_sha256 = "%s"' "$sha256")
fresh; pinned_size=$(wc -c <"$work/served/tool.tgz") pinned_sha256=$(sha256 "$work/served/tool.tgz") run good tool.tgz
it "a program in an archive is unpacked" installed
more_pins=$(printf 'archive = "tgz"\nbinary_sha256 = "%s"' "${sha256//[0-4]/5}")
fresh; pinned_size=$(wc -c <"$work/served/tool.tgz") pinned_sha256=$(sha256 "$work/served/tool.tgz") run good tool.tgz
it "an archive with a different program is refused" equal 1 $status
it "nothing is left of such an archive" nothing_left
more_pins=

target=riscv64-unknown-plan9; printf 'version = "1"\n' >"$work/pins.toml"
"$fetch" --pins "$work/pins.toml" --into "$work/none" "$target" 2>/dev/null
it "a target without a pin is a separate error" equal 2 $?
target=x86_64-unknown-linux-gnu

# The same with wget, for systems without curl.
if command -v wget >/dev/null; then
  mkdir "$work/bin"
  for tool in bash env sh uname awk wget wc tr cut sha256sum mktemp rm mv chmod mkdir tar tail dirname sed; do
    ln -s "$(command -v "$tool")" "$work/bin/$tool"
  done
  fresh; fetch_path=$work/bin run cut tool
  it "wget: an interrupted download is not an error" equal 0 $status
  fetch_path=$work/bin run good tool
  it "wget: it is resumed and moved to its place" installed
  fresh; fetch_path=$work/bin run good tampered
  it "wget: a file with another hash is refused" equal 1 $status
else
  skip "the same with wget" "wget is not installed"
fi

it "nothing that was downloaded was run" test ! -e "$work/was-run"
finish
