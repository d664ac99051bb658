#!/usr/bin/env bash
# Downloads the cloudflared pinned in cloudflared.toml from the official release.
#
# usage: binaries/fetch.sh [--pins FILE] [--into DIR] [TARGET]
#
# TARGET is a target triple, by default this machine's. The file's size and SHA-256 are
# verified before it is saved as cloudflared-TARGET. Interrupted downloads are resumed.
# Exit status: 0 the file is in place, or could not be downloaded (a message says so; Spot
# Serve still shares on this computer); 1 the downloaded file is not the pinned one;
# 2 wrong usage, or no pin for this target.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
pins=$here/cloudflared.toml
into=$here
while [[ ${1-} == --* ]]; do
  case $1 in
    --pins) pins=$2; shift 2 ;;
    --into) into=$2; shift 2 ;;
    *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2 ;;
  esac
done

this_machine() {
  local machine
  machine=$(uname -m)
  if [ "$machine" = arm64 ]; then machine=aarch64; fi
  case $(uname -s) in
    Linux) echo "$machine-unknown-linux-gnu" ;;
    Darwin) echo "$machine-apple-darwin" ;;
    MINGW* | MSYS* | CYGWIN*) echo "$machine-pc-windows-msvc" ;;
    *) echo "$machine-$(uname -s)" ;;
  esac
}

# pin TABLE KEY: prints a value from the pins file. An empty TABLE means top-level keys.
pin() {
  awk -v table="$1" -v key="$2" '
    /^[[:space:]]*\[/ { here = $0; gsub(/[][ "\t]/, "", here); next }
    here == table && $0 ~ "^[[:space:]]*" key "[[:space:]]*=" {
      sub(/^[^=]*=[[:space:]]*/, ""); sub(/[[:space:]]*(#.*)?$/, ""); gsub(/"/, ""); print; exit
    }' "$pins"
}

target=${1:-$(this_machine)}
version=$(pin "" version)
asset=$(pin "$target" asset)
if [ -z "$asset" ]; then
  echo "$pins has no cloudflared for $target." >&2
  exit 2
fi
size=$(pin "$target" size)
sha256=$(pin "$target" sha256)
archive=$(pin "$target" archive)
binary_sha256=$sha256
if [ -n "$archive" ]; then binary_sha256=$(pin "$target" binary_sha256); fi
address=$(pin "" url)
address=${address//\{version\}/$version}
address=${address//\{asset\}/$asset}
suffix=
if [[ $target == *windows* ]]; then suffix=.exe; fi
place=$into/cloudflared-$target$suffix
partial=$into/cloudflared-$target-$version.part

hash_of() { { sha256sum "$1" 2>/dev/null || shasum -a 256 "$1"; } | cut -d' ' -f1; }
bytes_of() { if [ -f "$1" ]; then wc -c <"$1" | tr -d ' '; else echo 0; fi; }

# Reuse an existing file if it is the right one; otherwise remove it.
if [ -f "$place" ]; then
  if [ "$(hash_of "$place")" = "$binary_sha256" ]; then
    echo "cloudflared $version is already in place: $place"
    exit 0
  fi
  echo "$place is not the pinned cloudflared $version. Replacing it."
  rm -f "$place"
fi

# One attempt, which resumes the partial file.
download() {
  if command -v curl >/dev/null; then
    local progress=--progress-bar
    if [ ! -t 2 ]; then progress=-sS; fi
    curl -fL "$progress" --connect-timeout 15 --speed-limit 1000 --speed-time 30 \
      -C - -o "$partial" "$address"
  elif command -v wget >/dev/null; then
    local progress=(-q --show-progress --progress=bar:force)
    if [ ! -t 2 ]; then progress=(-nv); fi
    wget "${progress[@]}" --tries=1 --connect-timeout=15 --read-timeout=30 \
      -c -O "$partial" "$address"
  else
    echo "neither curl nor wget is installed"
    return 1
  fi
}

mkdir -p "$into"
complaints=$(mktemp)
trap 'rm -f "$complaints"' EXIT
if [ "$(bytes_of "$partial")" -gt "$size" ]; then rm -f "$partial"; fi
echo "cloudflared $version: $((size / 1000000)) MB from $address"
for _ in 1 2 3; do
  if [ "$(bytes_of "$partial")" -ge "$size" ]; then break; fi
  before=$(bytes_of "$partial")
  # On a terminal, show a progress bar. Otherwise keep the errors for the message below.
  if [ -t 2 ]; then
    download && break
    echo "see above" >"$complaints"
  else
    download 2>"$complaints" && break
  fi
  # Nothing arrived. Either the server can't resume, so start over, or it can't be reached,
  # and retrying now would not help.
  if [ "$(bytes_of "$partial")" -le "$before" ]; then
    if [ "$before" = 0 ]; then break; fi
    rm -f "$partial"
  fi
done

have=$(bytes_of "$partial")
if [ "$have" -lt "$size" ]; then
  if [ "$have" = 0 ]; then rm -f "$partial"; fi
  echo "cloudflared could not be downloaded ($have of $size bytes; $(tail -1 "$complaints"))." \
    "Without it, folders are shared on this computer only. Run binaries/fetch.sh to try again." >&2
  exit 0
fi

refuse() {
  rm -f "$partial" "$partial.unpacked"
  echo "$address is not the pinned file: $1." >&2
  echo "The download was deleted. Try again later, or on another network." >&2
  exit 1
}
if [ "$have" != "$size" ]; then refuse "its size is $have bytes, not $size"; fi
got=$(hash_of "$partial")
if [ "$got" != "$sha256" ]; then refuse "its SHA-256 is $got, not $sha256"; fi
if [ -n "$archive" ]; then
  tar -xzOf "$partial" cloudflared >"$partial.unpacked"
  got=$(hash_of "$partial.unpacked")
  if [ "$got" != "$binary_sha256" ]; then refuse "the SHA-256 of the program inside is $got, not $binary_sha256"; fi
  mv -f "$partial.unpacked" "$partial"
fi
chmod 755 "$partial"
mv -f "$partial" "$place"
echo "cloudflared $version was verified and saved: $place"
