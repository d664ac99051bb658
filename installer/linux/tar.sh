#!/usr/bin/env bash
# Builds the portable archive, which runs from any directory, and prints its path.
#
# usage: installer/linux/tar.sh [--without-sidecar]
#
# For variables see stage.sh. SPOT_SERVE_FAST=1 compresses less, for tests.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
# shellcheck source=installer/linux/version.sh
. installer/linux/version.sh

"$here/stage.sh" "$@" "$root" tar
name=spot-serve-$version-linux-$machine
folder=$target/release/packages/$name
rm -rf "$folder"
mkdir "$folder"
mv "$root"/usr/lib/spot-serve/* "$folder/"
mv "$root/usr/share" "$folder/share"
mv "$root/usr/lib/systemd" "$folder/systemd"
cp LICENSE README.md "$folder/"
archive=$packages/$name.tar.gz
level=${SPOT_SERVE_FAST:+1}
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
  -C "${folder%/*}" -c "$name" | gzip "-${level:-9}n" >"$archive"
rm -r "$folder"
echo "$archive"
