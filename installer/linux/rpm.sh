#!/usr/bin/env bash
# Builds the package for Fedora, openSUSE and similar systems, and prints its path.
#
# usage: installer/linux/rpm.sh [--without-sidecar]
#
# Needs rpmbuild. For variables see stage.sh. SPOT_SERVE_FAST=1 compresses less, for tests.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
# shellcheck source=installer/linux/version.sh
. installer/linux/version.sh

"$here/stage.sh" "$@" "$root" rpm
# This is Debian's location.
rm -r "$root/usr/share/zsh/vendor-completions"

work=$packages/rpm
rm -rf "$work"
mkdir -p "$work"
{
  cat "$here/spot-serve.spec"
  # A % begins a macro.
  echo '%preun' && sed 's/%/%%/g' "$here/debian/prerm"
  echo '%files' && echo '%defattr(-,root,root)'
  echo '%dir /usr/lib/spot-serve' && echo '%dir /usr/share/doc/spot-serve'
  (cd "$root" && find usr ! -type d -printf '"/%p"\n' | sort) |
    sed 's,^"/usr/share/\(doc\|man\)/,%doc &,'
} >"$work/spot-serve.spec"

payload=w19.zstdio
if [ -n "${SPOT_SERVE_FAST-}" ]; then payload=w.ufdio; fi
# An RPM version can't contain "-".
rpmbuild -bb --quiet --define "_topdir $work" --define "_rpmfilename built.rpm" --define "_rpmdir $work" \
  --define "_binary_payload $payload" --define "its_version ${version//-/\~}" --define "its_files $root" \
  "$work/spot-serve.spec" >&2
package=$packages/spot-serve-$version-1.$machine.rpm
mv "$work/built.rpm" "$package"
rm -r "$work"
echo "$package"
