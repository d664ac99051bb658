#!/usr/bin/env bash
# Lays the cloudflared of a target beside the program of a package, with its licence. Every
# package, on every system, gets its sidecar by this script.
#
# usage: installer/sidecar.sh [--without-sidecar] TARGET DIRECTORY
#
#   TARGET     the target triple that the program was built for
#   DIRECTORY  where the package has the program; it is made if it is not there
#
# DIRECTORY has then
#   cloudflared-TARGET          (.exe on Windows) as binaries/cloudflared.toml pins it: its
#                               size and its SHA-256 were checked
#   cloudflared-LICENSE.txt     the Apache License, Version 2.0
#   cloudflared-NOTICE.txt      whose work is in it
#
# --without-sidecar: neither is there. The package's program fetches its cloudflared itself when
# it is first needed.
# SPOT_SERVE_PINS=FILE, for tests: other pins. What they name is not kept for the next time.
# Exit status: 0 done, 1 it can't be had, or is not the pinned file, 2 wrong usage.
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
  echo "This package has no cloudflared in it: the program fetches it when it is first needed."
  exit 0
fi

# What a checkout has fetched already is looked at again, and taken if it is still the right one.
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
No package was made: it would have no cloudflared in it, see above.
Make it where github.com can be reached, or say --without-sidecar: then the package's program
fetches its cloudflared itself when it is first needed.
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
