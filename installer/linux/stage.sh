#!/usr/bin/env bash
# Lays out all installed files of a Linux package in a directory, relative to /. All Linux packages
# are built from this.
#
# usage: installer/linux/stage.sh [--without-sidecar] ROOT [KIND]
#
# KIND is how the program says it was installed, such as deb (see src/updates/installation.rs). Without it,
# the program takes itself for a package of the system, which is updated with the others.
# ROOT is deleted first. The program is built for this machine.
# SPOT_SERVE_PROGRAM=FILE      use this program instead
# SPOT_SERVE_VERSION=VERSION   use this version instead of the one in Cargo.toml (for tests)
# SPOT_SERVE_MANUAL=DIRECTORY  use existing output of `make manual`
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
checkout=$(cd "$here/../.." && pwd)
sidecar=()
if [ "${1-}" = --without-sidecar ]; then sidecar=(--without-sidecar); shift; fi
if [ $# -lt 1 ] || [ $# -gt 2 ] || [ -z "$1" ]; then sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2; exit 2; fi
into=$(realpath -m "$1")
kind=${2-}
cd "$checkout"
# shellcheck source=installer/linux/version.sh
. installer/linux/version.sh
root=$into

program=${SPOT_SERVE_PROGRAM-}
if [ -z "$program" ]; then
  cargo build --release --locked --package spot-serve >&2
  program=$target/release/spot-serve
fi
manual=${SPOT_SERVE_MANUAL-}
if [ -z "$manual" ]; then
  manual=$target/manual
  "$("$checkout/scripts/build-debug.sh")/examples/manual" "$manual" >&2
fi
triple=$(rustc -vV | sed -n 's/^host: //p')

rm -rf "$root"
umask 022
# put MODE FILE DESTINATION
put() { install -D -m "$1" "$2" "$root/$3"; }
put_packed() { mkdir -p "$root/${2%/*}" && gzip -9n <"$1" >"$root/$2"; }

put 755 "$program" usr/lib/spot-serve/spot-serve
"$here/../sidecar.sh" ${sidecar[@]+"${sidecar[@]}"} "$triple" "$root/usr/lib/spot-serve" >&2
if [ -n "$kind" ]; then echo "$kind" >"$root/usr/lib/spot-serve/installed-as"; fi
mkdir -p "$root/usr/bin"
ln -s ../lib/spot-serve/spot-serve "$root/usr/bin/spot-serve"

share=usr/share
put 644 "$here/spot-serve.desktop" $share/applications/spot-serve.desktop
icons/install.sh "$root/$share"

for page in "$manual"/*.1; do put_packed "$page" "$share/man/man1/$(basename "$page").gz"; done
put 644 "$manual/spot-serve.bash" $share/bash-completion/completions/spot-serve
put 644 "$manual/spot-serve.fish" $share/fish/vendor_completions.d/spot-serve.fish
# The first is for Debian's zsh, the second for other systems.
put 644 "$manual/_spot-serve" $share/zsh/vendor-completions/_spot-serve
put 644 "$manual/_spot-serve" $share/zsh/site-functions/_spot-serve

put 644 "$here/systemd/spot-serve@.service" usr/lib/systemd/user/spot-serve@.service

put 644 "$here/file-managers/nautilus.py" $share/nautilus-python/extensions/spot-serve.py
put 644 "$here/file-managers/caja.py" $share/caja-python/extensions/spot-serve.py
put 644 "$here/file-managers/nemo.nemo_action" $share/nemo/actions/spot-serve.nemo_action
put 644 "$here/file-managers/dolphin.desktop" $share/kio/servicemenus/spot-serve.desktop
put 644 "$here/file-managers/thunar.desktop" $share/Thunar/sendto/spot-serve.desktop
put 644 "$here/file-managers/pcmanfm.desktop" $share/file-manager/actions/spot-serve.desktop

metainfo=$share/metainfo/io.github.spot_serve.SpotServe.metainfo.xml
put 644 "$here/metainfo.xml" $metainfo
sed -i "s/@VERSION@/$version/; s/@DATE@/$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)/" "$root/$metainfo"

doc=$share/doc/spot-serve
put 644 "$here/copyright" $doc/copyright
put_packed CHANGELOG.md $doc/changelog.gz
