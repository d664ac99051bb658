#!/usr/bin/env bash
# Puts cloudflared and its licence next to the program in a package. The packages of all systems use
# this script.
#
# usage: installer/sidecar.sh [--without-sidecar] TARGET DIRECTORY
#
#   TARGET     the target triple of the program
#   DIRECTORY  the program's directory in the package; created if missing
#
# This adds to DIRECTORY:
#   cloudflared-TARGET          (.exe on Windows) with the size and SHA-256 that are pinned in
#                               binaries/cloudflared.toml
#   cloudflared-LICENSE.txt     the Apache License, Version 2.0
#   cloudflared-NOTICE.txt      the attribution of its dependencies
#
# With --without-sidecar it adds none of them. Spot Serve can download cloudflared later.
# SPOT_SERVE_PINS=FILE uses other pins, for tests. Their downloads are not kept.
# Exit status: 0 success, 1 the pinned file is not available, 2 wrong usage.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
without=
if [ "${1-}" = --without-sidecar ]; then without=1; shift; fi
if [ $# != 2 ] || [ -z "$1" ] || [ -z "$2" ]; then
  sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2
  exit 2
fi
target=$1
into=$2
name=cloudflared-$target
if [[ $target == *windows* ]]; then name=$name.exe; fi

mkdir -p "$into"
rm -f "$into/$name" "$into"/cloudflared-{LICENSE,NOTICE}.txt
if [ -n "$without" ]; then
  echo "This package does not include cloudflared. Spot Serve offers to download it when it is needed."
  exit 0
fi

# An earlier download in the checkout is verified again and reused.
fetched=$here/../binaries
pins=()
if [ -n "${SPOT_SERVE_PINS-}" ]; then
  fetched=$(mktemp -d)
  trap 'rm -rf "$fetched"' EXIT
  pins=(--pins "$SPOT_SERVE_PINS")
fi
"$here/../binaries/fetch.sh" ${pins[@]+"${pins[@]}"} --into "$fetched" "$target" >&2 || status=$?
if [ "${status-0}" = 2 ]; then exit 2; fi
if [ "${status-0}" != 0 ] || [ ! -f "$fetched/$name" ]; then
  cat >&2 <<END
No package was built: cloudflared is missing (see above).
Build it where github.com can be reached, or use --without-sidecar. Spot Serve then offers to
download cloudflared when it is needed.
END
  exit 1
fi
cp "$fetched/$name" "$into/$name.new"
chmod 755 "$into/$name.new"
mv -f "$into/$name.new" "$into/$name"
for file in LICENSE NOTICE; do
  cp "$here/cloudflared/$file" "$into/cloudflared-$file.txt"
  chmod 644 "$into/cloudflared-$file.txt"
done
