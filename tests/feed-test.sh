#!/usr/bin/env bash
# Needs: packages
# The release feed is made from CHANGELOG.md, and only if a copy of the program would believe it.
set -uo pipefail
root=$(realpath "$(dirname "$0")/..")
# shellcheck source=tests/report.sh
. "$root/tests/report.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/checkout/installer" "$work/release"
cp "$root/installer/feed.sh" "$work/checkout/installer/"
cat >"$work/checkout/CHANGELOG.md" <<'END'
# Changelog
## [Unreleased]
- Not yet.
## [9.8.7] - 2027-01-02
### Sharing
- Share `a` and **b**: see [the page](https://elsewhere.example/).
## [9.8.6] - 2026-12-01
- The first.
END
for name in own other; do minisign -G -W -f -p "$work/$name.pub" -s "$work/$name.key" >/dev/null; done
# known REPOSITORY PUBLIC-KEY-FILE: what the program was built with.
known() { printf 'repository = "%s"\npublic_key = "%s"\n' "$1" "$(sed -n 2p "$2")" >"$work/known"; }
# make_feed [VERSION]
make_feed() {
  SPOT_SERVE_FEED_KEY=$(<"$work/own.key") SPOT_SERVE_REPOSITORY=someone/spot-serve SPOT_SERVE_VERSION=${1:-9.8.7} \
    SPOT_SERVE_FEED=$work/known "$work/checkout/installer/feed.sh" "$work/release" >"$work/said" 2>&1
}
refused() { rm -f "$work/release/spot-serve.feed"; fails make_feed "${2-}" && grep -qF "$1" "$work/said" && test ! -e "$work/release/spot-serve.feed"; }
said() { tail -n +5 "$work/release/spot-serve.feed" | python3 -c "import json, sys; print(json.load(sys.stdin)$1)"; }
is_signed() {
  head -4 "$work/release/spot-serve.feed" >"$work/signature"
  tail -n +5 "$work/release/spot-serve.feed" >"$work/text"
  minisign -Vq -P "$(sed -n 2p "$work/own.pub")" -m "$work/text" -x "$work/signature"
}

known someone/spot-serve "$work/own.pub"
it "the feed of a release is made" make_feed
it "minisign finds the signature right" is_signed
it "it lists the releases, the newest first" equal "9.8.7 9.8.6" "$(said '["releases"][0]["version"]') $(said '["releases"][1]["version"]')"
it "what is new is plain text without links" equal "Share a and b: see the page." "$(said '["releases"][0]["notes"][0]')"
it "what is not released is not in it" fails grep -q "Not yet" "$work/release/spot-serve.feed"
it "no other file is left in the release" equal spot-serve.feed "$(ls "$work/release")"
cp "$work/checkout/CHANGELOG.md" "$work/good"
sed -i 's,^- Share .*,- See https://elsewhere.example/.,' "$work/checkout/CHANGELOG.md"
it "a line with a link is refused" refused "has a link or is too long"
cp "$work/good" "$work/checkout/CHANGELOG.md"
it "a version that CHANGELOG.md doesn't describe has no feed" refused "must be 9.9.0" 9.9.0
known someone/spot-serve "$work/other.pub"
it "a feed that no copy would believe is not made" refused "doesn't belong to the public key"
known other/spot-serve "$work/own.pub"
it "nor one that no copy would ask for" refused "doesn't name someone/spot-serve"
printf 'repository = "someone/spot-serve"\npublic_key = ""\n' >"$work/known"
it "nor without a public key" refused "and a public key"
finish
