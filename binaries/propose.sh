#!/usr/bin/env bash
# Writes the pin of the newest cloudflared to cloudflared.toml: its version, and the size and SHA-256 of
# every file, which it downloads for that. A person looks at the result before it is used.
#
# usage: binaries/propose.sh [--pins FILE] [--version VERSION]
#
#   --pins FILE          change this file instead
#   --version VERSION    propose this version instead of the newest
#
# SPOT_SERVE_CLOUDFLARED_LATEST=URL   what answers with the newest release, for tests
# Prints the version if it differs from the pinned one, and nothing otherwise.
# Exit status: 0 success, 1 a file can't be had, 2 wrong usage. The pins then stay as they were.
set -euo pipefail

pins=$(cd "$(dirname "$0")" && pwd)/cloudflared.toml
version=
while [ $# -gt 0 ]; do
  case $1 in
    --pins) pins=$2; shift ;;
    --version) version=$2; shift ;;
    *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2; exit 2 ;;
  esac
  shift
done
latest=${SPOT_SERVE_CLOUDFLARED_LATEST:-https://api.github.com/repos/cloudflare/cloudflared/releases/latest}
get() { curl -fsSL --connect-timeout 15 --retry 2 "$@"; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -z "$version" ]; then
  # With a token, GitHub answers more often.
  version=$(get ${GH_TOKEN:+-H "Authorization: Bearer $GH_TOKEN"} "$latest" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["tag_name"])')
fi
# It becomes part of addresses and of a branch name.
if ! [[ $version =~ ^[0-9]{4}\.[0-9]{1,2}\.[0-9]+$ ]]; then
  echo "The newest release has a version that is no version: ${version@Q}. Nothing was changed." >&2
  exit 1
fi
if grep -qx "version = \"$version\"" "$pins"; then exit; fi
url=$(sed -n 's/^url = "\([^"]*\)".*/\1/p' "$pins")
mkdir "$work/assets"
for asset in $(sed -n 's/^asset = "\([^"]*\)".*/\1/p' "$pins" | sort -u); do
  from=${url//\{version\}/$version}
  from=${from//\{asset\}/$asset}
  echo "Downloading $from" >&2
  if ! get -o "$work/assets/$asset" "$from"; then
    echo "$from can't be downloaded. Nothing was changed." >&2
    exit 1
  fi
done
python3 - "$pins" "$version" "$work/assets" >"$work/pins" <<'END'
import hashlib
import io
import re
import sys
import tarfile

pins, version, assets = sys.argv[1:]
asset = None
for line in open(pins):
    key = line.split(" = ")[0]
    if key == "version":
        line = f'version = "{version}"\n'
    elif key == "asset":
        with open(f"{assets}/{line.split(chr(34))[1]}", "rb") as file:
            asset = file.read()
    elif key == "size":
        line = f"size = {len(asset)}\n"
    elif key == "sha256":
        line = f'sha256 = "{hashlib.sha256(asset).hexdigest()}"\n'
    elif key == "binary_sha256":
        with tarfile.open(fileobj=io.BytesIO(asset)) as archive:
            program = archive.extractfile("cloudflared").read()
        line = f'binary_sha256 = "{hashlib.sha256(program).hexdigest()}"\n'
    print(line, end="")
END
cat "$work/pins" >"$pins"
echo "$version"
