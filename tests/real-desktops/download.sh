#!/usr/bin/env bash
# Downloads and unpacks the packages of a desktop, as far as this system lacks them, and prints the
# directory with their files. It stays in target/real-desktops.
#
# usage: download.sh DESKTOP
#
# Exit status: 77 if the desktop can't run here; the reason is on standard error.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")
# shellcheck source=tests/real-desktops/packages.sh
. "$here/packages.sh"
cannot() { echo "$*" >&2; exit 77; }

desktop=${1:?usage: download.sh DESKTOP}
packages=$(packages_of "$desktop") || { echo "unknown desktop: $desktop" >&2; exit 2; }
read -ra packages < <(xargs <<<"$packages")
[ "$(id -u)" = 0 ] || cannot "only root can lay a desktop over this system"
grep -qs '^VERSION_CODENAME=bookworm$' /etc/os-release || cannot "only Debian 12 has the desktops that these tests know"
command -v apt-get >/dev/null || cannot "there is no apt-get to download the desktop with"
"$root/tests/in-own-system.sh" true 2>/dev/null || cannot "nothing can be laid over this system"

tree=$(realpath -m "${CARGO_TARGET_DIR:-$root/target}")/real-desktops/$desktop
mkdir -p "${tree%/*}"
# A second caller waits for the first one.
exec 9>"$tree.lock"
flock 9
# Others may be needed after packages were installed or updated.
if [ "$tree.made" -nt /var/lib/dpkg/status ] && [ "$tree.made" -nt "$here/packages.sh" ]; then echo "$tree"; exit; fi

log=$tree.log
debs=$(mktemp -d)
trap 'rm -rf "$debs"' EXIT
apt() { apt-get -qq -o Debug::NoLocking=1 -o APT::Sandbox::User=root -o Acquire::Retries=3 "$@" 2>"$log"; }
# missing: name=version of each package that the system lacks.
missing() {
  apt install --no-install-recommends --simulate "${packages[@]}" |
    sed -n 's/^Inst \([^ ]*\) \(\[[^]]*\] \)\?(\([^ ]*\) .*/\1 \3/p' |
    while read -r name version; do left_out "$name" || echo "$name=$version"; done
}
wanted=$(missing) || wanted=
if [ -n "$wanted" ] && [ "$wanted" = "$(cat "$tree.made" 2>/dev/null)" ]; then touch "$tree.made"; echo "$tree"; exit; fi
# shellcheck disable=SC2086 # several words
download() { [ -n "$wanted" ] && (cd "$debs" && apt download $wanted >/dev/null); }
# The lists of packages may be old, or there may be none yet.
update() { apt-get -qq -o DPkg::Lock::Timeout=300 update >"$log" 2>&1 && wanted=$(missing); }
download || { update && download; } || { tail -3 "$log" >&2; cannot "its packages couldn't be downloaded"; }

rm -rf "$tree" "$tree.made"
mkdir -p "$tree"/{etc,var,usr/{bin,sbin,lib,lib64}}
for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$tree/$dir"; done
# What nobody reads in a test takes time and room.
find "$debs" -name '*.deb' -print0 | xargs -0 -P "$(nproc)" -I{} sh -c 'dpkg-deb --fsys-tarfile "$1" |
  tar -x --keep-directory-symlink --exclude "./usr/share/doc/*" --exclude "./usr/share/man/*" \
    --exclude "./usr/share/locale/*" --exclude "./usr/share/wallpapers/*" -C "$2"' sh {} "$tree"
echo "$wanted" >"$tree.made"
echo "$tree"
