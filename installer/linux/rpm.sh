#!/usr/bin/env bash
# Builds the package for Fedora, openSUSE and similar systems, and prints its path.
#
# usage: installer/linux/rpm.sh [--without-sidecar]
#
# For variables see stage.sh. SPOT_SERVE_FAST=1 compresses less, for tests.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
# shellcheck source=installer/linux/version.sh
. installer/linux/version.sh

"$here/stage.sh" "$@" "$root" rpm
# This is Debian's location.
rm -r "$root/usr/share/zsh/vendor-completions"
# cargo-generate-rpm doesn't support symbolic links.
rm "$root/usr/bin/spot-serve"
printf '#!/bin/sh\nexec /usr/lib/spot-serve/spot-serve "$@"\n' >"$root/usr/bin/spot-serve"
chmod 755 "$root/usr/bin/spot-serve"

files=$packages/rpm-files.toml
{
  echo 'assets = ['
  (cd "$root" && find usr -type f -printf '%m %p\n' | sort -k 2) | while read -r mode file; do
    doc=
    case $file in usr/share/doc/* | usr/share/man/*) doc=', doc = true' ;; esac
    printf '  { source = "%s", dest = "/%s", mode = "%s"%s },\n' "$root/$file" "$file" "$mode" "$doc"
  done
  echo ']'
} >"$files"

rpm=$("$here/../tool.sh" cargo-generate-rpm)
package=$packages/spot-serve-$version-1.$machine.rpm
# An RPM version can't contain "-".
"$rpm" generate-rpm --set-metadata "version = \"${version//-/\~}\"" --metadata-overwrite "$files" \
  ${SPOT_SERVE_FAST:+--payload-compress none} --output "$package" >&2
echo "$package"
