#!/usr/bin/env bash
# Downloads the packages of a desktop, as far as this system lacks them, and prints the directory with them.
# They stay in target/real-desktops.
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
command -v apt-get >/dev/null || cannot "there is no apt-get to download the desktop with"
"$root/tests/in-own-system.sh" true 2>/dev/null || cannot "nothing can be laid over this system"

debs=$(realpath -m "${CARGO_TARGET_DIR:-$root/target}")/real-desktops/$desktop
mkdir -p "$debs/partial"
# A second caller waits for the first one.
exec 9>"$debs.lock"
flock 9
log=$debs.log
is_there() {
  [ "$debs.wanted" -nt /var/lib/dpkg/status ] && [ "$debs.wanted" -nt "$here/packages.sh" ] || return 1
  local package
  while read -r package; do compgen -G "$debs/$package*.deb" >/dev/null || return 1; done <"$debs.wanted"
}
if is_there; then echo "$debs"; exit; fi

wanted() {
  apt-get -qq -o Debug::NoLocking=1 -o APT::Sandbox::User=root -o Acquire::Retries=3 -o Dir::Cache::archives="$debs" \
    install --no-install-recommends "$@" "${packages[@]}" 2>"$log"
}
download() { wanted -y --download-only >/dev/null; }
# The lists of packages may be old, or there may be none yet.
update() { apt-get -qq -o DPkg::Lock::Timeout=300 update >"$log" 2>&1; }
download || { update && download; } || { tail -3 "$log" >&2; cannot "its packages couldn't be downloaded"; }

# Packages of other versions would be unpacked as well.
wanted --simulate | sed -n 's/^Inst \([^ ]*\) \(\[[^]]*\] \)\?(\([^ ]*\) .*/\1_\3_/p' | sed 's/:/%3a/g' >"$debs.wanted"
for deb in "$debs"/*.deb; do
  name=${deb##*/}
  grep -qxF "${name%_*}_" "$debs.wanted" || rm -f "$deb"
done
echo "$debs"
