#!/usr/bin/env bash
# Builds the package for Debian and Ubuntu, and prints its path.
#
# usage: installer/linux/deb.sh [--without-sidecar]
#
# For variables see stage.sh. SPOT_SERVE_FAST=1 compresses less, for tests.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
checkout=$(cd "$here/../.." && pwd)
cd "$checkout"
# shellcheck source=installer/linux/version.sh
. installer/linux/version.sh

"$here/stage.sh" "$@" "$root" deb
maintainer=$(sed -n 's/^maintainer = "\(.*\)"/\1/p' Cargo.toml)
doc=$root/usr/share/doc/spot-serve
gzip -9n >"$doc/changelog.Debian.gz" <<END
spot-serve ($version-1) unstable; urgency=medium

  * Version $version. See changelog.gz for the changes.

 -- $maintainer  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
END
install -D -m 644 "$here/debian/lintian-overrides" "$root/usr/share/lintian/overrides/spot-serve"
# cargo-deb adds this itself.
rm "$doc/copyright"
# This is Fedora's location.
rm -r "$root/usr/share/zsh/site-functions"

deb=$("$here/../tool.sh" cargo-deb)
package=$packages/spot-serve_$version-1_$(dpkg --print-architecture).deb
"$deb" deb --quiet --no-build --no-strip --locked --compress-system \
  ${SPOT_SERVE_FAST:+--fast} --package spot-serve --deb-version "$version-1" --output "$package" >&2
echo "$package"
