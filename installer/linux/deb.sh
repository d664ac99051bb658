#!/usr/bin/env bash
# Builds the package for Debian and Ubuntu, and prints its path.
#
# usage: installer/linux/deb.sh [--without-sidecar]
#
# Needs dpkg-dev. For variables see stage.sh. SPOT_SERVE_FAST=1 compresses less, for tests.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
checkout=$(cd "$here/../.." && pwd)
cd "$checkout"
# shellcheck source=installer/linux/version.sh
. installer/linux/version.sh

"$here/stage.sh" "$@" "$root" deb
maintainer=$(sed -n 's/^Maintainer: //p' "$here/debian/control")
gzip -9n >"$root/usr/share/doc/spot-serve/changelog.Debian.gz" <<END
spot-serve ($version-1) unstable; urgency=medium

  * Version $version. See changelog.gz for the changes.

 -- $maintainer  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")
END
install -D -m 644 "$here/debian/lintian-overrides" "$root/usr/share/lintian/overrides/spot-serve"
# This is Fedora's location.
rm -r "$root/usr/share/zsh/site-functions"

# The packages with the libraries that the program needs. The tool reads the control file of a source.
source=$packages/deb-source
mkdir -p "$source/debian"
printf 'Source: spot-serve\n\nPackage: spot-serve\nArchitecture: any\n' >"$source/debian/control"
depends=$(cd "$source" && dpkg-shlibdeps -O "$root/usr/lib/spot-serve/spot-serve" | sed -n 's/^shlibs:Depends=//p')
rm -r "$source"
architecture=$(dpkg --print-architecture)
install -d "$root/DEBIAN"
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
sed "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@DEPENDS@/$depends/
  s/@KILOBYTES@/$(du -sk --apparent-size "$root/usr" | cut -f1)/" "$here/debian/control" >"$root/DEBIAN/control"
install -m 755 "$here/debian/prerm" "$root/DEBIAN/prerm"

package=$packages/spot-serve_$version-1_$architecture.deb
compression=(-Zxz)
if [ -n "${SPOT_SERVE_FAST-}" ]; then compression=(-Zgzip -z1); fi
dpkg-deb --root-owner-group "${compression[@]}" --build "$root" "$package" >&2
echo "$package"
