#!/usr/bin/env bash
# A newer cloudflared is proposed with the sizes and checksums of all its files, from a local server.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/report.sh
. ./report.sh
# shellcheck source=tests/release_server.sh
. ./release_server.sh
propose=$PWD/../binaries/propose.sh

served=$work/served
echo '{"tag_name": "2027.1.0", "name": "x"}' >"$served/latest"
head -c 3000 /dev/urandom >"$served/tool"
head -c 5000 /dev/urandom >"$work/cloudflared"
tar -czf "$served/tool.tgz" -C "$work" cloudflared
serve_releases
export SPOT_SERVE_CLOUDFLARED_LATEST=$releases/good/latest
unset GH_TOKEN

pins=$work/pins.toml
# fresh: pins of an earlier version. The real file has the same lines.
fresh() {
  cat >"$pins" <<END
# Kept as it is.
version = "2026.10.0"
url = "$releases/good/{asset}"

[x86_64-unknown-linux-gnu]
asset = "tool"
size = 1
sha256 = "00"

[aarch64-apple-darwin]
asset = "tool.tgz"
size = 1
sha256 = "00"
archive = "tgz"
binary_sha256 = "00"
END
}
expected() {
  printf '# Kept as it is.\nversion = "2027.1.0"\nurl = "%s/good/{asset}"\n\n' "$releases"
  pin x86_64-unknown-linux-gnu tool "$served/tool"
  echo
  pin aarch64-apple-darwin tool.tgz "$served/tool.tgz"
  printf 'archive = "tgz"\nbinary_sha256 = "%s"\n' "$(sha256 "$work/cloudflared")"
}
run() { said=$("$propose" --pins "$pins" "$@" 2>"$work/complained"); }
# unchanged [OPTION...]: it fails, and the pins stay as they were.
unchanged() { fresh; cp "$pins" "$work/before"; fails run "$@" && cmp "$work/before" "$pins"; }

fresh
it "a newer version is proposed" run
it "it is printed" equal 2027.1.0 "$said"
it "every file has its size and checksum" equal "$(expected)" "$(<"$pins")"
it "the version that is pinned is not proposed again" run
it "and nothing is printed" equal "" "$said"
it "a version can be named" run --version 2026.12.1
it "it is in the file" grep -qx 'version = "2026.12.1"' "$pins"
mv "$served/tool" "$served/gone"
it "with a file missing, nothing changes" unchanged
it "the missing file is named" grep -q "good/tool can't be downloaded" "$work/complained"
mv "$served/gone" "$served/tool"
# shellcheck disable=SC2016
printf '%s' '{"tag_name": "$(touch x)\n\"2027"}' >"$served/latest"
it "a version that is no version changes nothing" unchanged
it "it is quoted" grep -q "no version: " "$work/complained"
it "the real pins have the lines that are replaced" sh -c "grep -c '^\(asset\|size\|sha256\) = ' '$PWD/../binaries/cloudflared.toml' | grep -qx 18"
finish
