#!/usr/bin/env bash
# Writes and signs the release feed, RELEASE/spot-serve.feed: what is new, from CHANGELOG.md. Copies of the
# program ask for it when they are told to. docs/updates.md has its format, and how to make the key.
#
# usage: installer/feed.sh RELEASE
#
# SPOT_SERVE_FEED_KEY=TEXT         the secret key: the text of a file made with `minisign -G -W`
# SPOT_SERVE_REPOSITORY=OWNER/NAME where the release is on GitHub (default: GITHUB_REPOSITORY)
# SPOT_SERVE_VERSION=VERSION       instead of the version in Cargo.toml
# SPOT_SERVE_FEED=FILE             instead of installer/feed.toml, for tests
# Exit status: 0 success, 1 the feed would not be believed, or CHANGELOG.md says nothing about the version,
# 2 wrong usage.
set -euo pipefail
if [ $# != 1 ]; then sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2; exit 2; fi
mkdir -p "$1"
release=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
version=${SPOT_SERVE_VERSION:-$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)}
repository=${SPOT_SERVE_REPOSITORY:-${GITHUB_REPOSITORY:?names the repository of the release: OWNER/NAME}}
known=${SPOT_SERVE_FEED:-installer/feed.toml}
key=$(sed -n 's/^public_key = "\(.*\)"/\1/p' "$known")
if [ "$(sed -n 's/^repository = "\(.*\)"/\1/p' "$known")" != "$repository" ] || [ -z "$key" ]; then
  echo "No feed was made: $known doesn't name $repository and a public key, so no copy would ask for it." >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(umask 077 && printf '%s\n' "${SPOT_SERVE_FEED_KEY:?is the secret key}" >"$work/key")

python3 - "$version" >"$work/feed" <<'END'
import datetime
import json
import re
import sys

KEPT = 10
version = sys.argv[1]
releases = []
with open("CHANGELOG.md") as changelog:
    for line in changelog:
        if heading := re.fullmatch(r"## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)\n", line):
            releases.append({"version": heading[1], "date": heading[2], "notes": []})
        elif line.startswith("## "):
            releases.append(None)
        elif line.startswith("- ") and releases and releases[-1]:
            text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", line[2:].strip())
            releases[-1]["notes"].append(re.sub(r"[`*]", "", text))
releases = [release for release in releases if release][:KEPT]
if not releases or releases[0]["version"] != version:
    sys.exit(f"No feed was made: the first version in CHANGELOG.md must be {version}: ## [{version}] - YYYY-MM-DD")
for note in releases[0]["notes"]:
    # Copies of the program refuse a feed with links, and with more than they can show.
    if len(note.encode()) > 2000 or re.search(r"://|www\.|mailto:|javascript:", note, re.IGNORECASE):
        sys.exit(f"No feed was made: a line in CHANGELOG.md has a link or is too long: {note}")
now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
time = lambda when: when.isoformat().replace("+00:00", "Z")
feed = {
    "format": 1,
    "signed": time(now),
    "expires": time(now + datetime.timedelta(days=2 * 365)),
    "releases": releases,
}
print(json.dumps(feed, ensure_ascii=False, indent=1))
END
minisign -S -s "$work/key" -m "$work/feed" -x "$work/signature" -t "spot-serve $version" >/dev/null
# Before anybody asks for it.
if ! minisign -Vq -P "$key" -m "$work/feed" -x "$work/signature"; then
  echo "No feed was made: the secret key doesn't belong to the public key in $known." >&2
  exit 1
fi
cat "$work/signature" "$work/feed" >"$release/spot-serve.feed"
