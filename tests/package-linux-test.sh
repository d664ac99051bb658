#!/usr/bin/env bash
# Needs: packages cloudflared
# Builds the portable archive, the .rpm and the content of the AppImage, inspects them, and starts
# their programs. (The Debian package: desktop/package-test.sh.)
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/report.sh
. tests/report.sh
# shellcheck source=tests/release_server.sh
. tests/release_server.sh
cloudflared=$(tests/get-cloudflared.sh) || exit 1
triple=$(rustc -vV | sed -n 's/^host: //p')
machine=$(uname -m)

# As in desktop/package-test.sh, the packages contain the cloudflared for tests.
cp "$cloudflared" "$work/served/release"
serve_releases
{ printf 'version = "1"\nurl = "%s/good/{asset}"\n' "$releases"; pin "$triple" release "$cloudflared"; } >"$work/pins.toml"
built=$(tests/program-to-package.sh "$work/built") || exit 1
python3 tests/own_pin.py "$built" "$cloudflared" "$work/program" || exit 1
export SPOT_SERVE_FAST=1 SPOT_SERVE_PROGRAM=$work/program SPOT_SERVE_PINS=$work/pins.toml
# Nothing of this account is read or written.
export XDG_DATA_HOME=$work/data XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state

mkdir -m 700 "$work/run"

make_package() { # GOAL [ARGS]: its path is in $package
  make --no-print-directory "$1" ARGS="${2-}" >"$work/made" 2>"$work/making" || { cat "$work/making"; return 1; }
  package=$(tail -1 "$work/made")
  test -e "$package"
}
said() { grep -qF -- "$1" "$work/making" || { cat "$work/making"; return 1; }; }
runs() { "$1" --version | grep '^spot-serve [0-9]'; }
# icon_of PROGRAM: the name of its tray icon, and the folder in which the desktop has to look for it.
icon_of() { env -u XDG_CURRENT_DESKTOP "XDG_DATA_DIRS=${2-$work/none}" "XDG_RUNTIME_DIR=$work/run" dbus-run-session -- /usr/bin/python3 tests/tray_icon.py "$1"; }
pictures() { # SHARE: all pictures of the tray are there
  local state
  for state in idle busy online problem; do
    test -s "$1/icons/hicolor/22x22/apps/spot-serve-$state.png" -a -s "$1/icons/hicolor/scalable/apps/spot-serve-$state.svg" \
      -a -s "$1/icons/hicolor/symbolic/apps/spot-serve-$state-symbolic.svg" || { echo "no pictures of $state"; return 1; }
  done
}
finds() { test -x "$2" && equal "$(realpath "$2")" "$("$1" sidecar path)"; }

it "make package-tar builds an archive" make_package package-tar
mkdir "$work/any where"
tar -xzf "$package" -C "$work/any where"
folder=$(echo "$work/any where"/spot-serve-*-linux-"$machine")
it "it unpacks into one folder named after its version" test -d "$folder"
it "its program runs from there" runs "$folder/spot-serve"
it "and finds its sidecar" finds "$folder/spot-serve" "$folder/cloudflared-$triple"
it "which is the right one" "$folder/spot-serve" sidecar verify
mkdir "$work/bin" && ln -s "$folder/spot-serve" "$work/bin/"
it "it is found through a link on PATH, too" finds "$work/bin/spot-serve" "$folder/cloudflared-$triple"
it "it knows how it was installed" equal tar "$(<"$folder/installed-as")"
it "it contains the licences" test -s "$folder/LICENSE" -a -s "$folder/cloudflared-LICENSE.txt" -a -s "$folder/cloudflared-NOTICE.txt"
it "and the manual, icon and desktop entry" test -s "$folder/share/man/man1/spot-serve.1.gz" -a -s "$folder/share/applications/spot-serve.desktop" \
  -a -s "$folder/share/icons/hicolor/scalable/apps/spot-serve.svg"
it "it has the pictures of the tray" pictures "$folder/share"
it "which its program finds" equal "spot-serve-idle $folder/share/icons" "$(icon_of "$folder/spot-serve")"
it "but leaves to a desktop that knows them" equal "spot-serve-idle " "$(icon_of "$folder/spot-serve" "$folder/share")"
it "it contains no account names" sh -c "tar -tvzf '$package' | awk '{ print \$2 }' | sort -u | grep -qx 0/0"

it "it can be built without a sidecar" make_package package-tar --without-sidecar
mkdir "$work/without"
tar -xzf "$package" -C "$work/without"
it "and then contains none" fails sh -c "ls '$work'/without/*/cloudflared*"
it "and its program says how to get it" sh -c "PATH= '$work'/without/*/spot-serve sidecar path 2>&1 | grep 'spot-serve sidecar fetch'"
sed -i 's/^sha256 = "./sha256 = "x/' "$work/pins.toml"
it "a release that is a different file builds no package" fails make_package package-tar
make_package package-tar >/dev/null
it "and the message says why" said "is not the pinned file"
sed -i 's/^sha256 = "x.*/sha256 = "'"$(sha256 "$cloudflared")"'"/' "$work/pins.toml"

it "make package-rpm builds a package" make_package package-rpm
files() { rpm -qp --queryformat '[%{FILEMODES:perms} %{FILENAMES}\n]' "$package"; }
it "rpm reads it" rpm -Kv --nosignature "$package"
it "it is for this architecture" equal "spot-serve $machine" "$(rpm -qp --queryformat '%{NAME} %{ARCH}' "$package")"
it "it has the program, its sidecar, and how it was installed" equal "-rwxr-xr-x /usr/lib/spot-serve/cloudflared-$triple
-rw-r--r-- /usr/lib/spot-serve/installed-as
-rwxr-xr-x /usr/lib/spot-serve/spot-serve" "$(files | grep -E '^-.*/usr/lib/spot-serve/[^.]*$')"
it "it has what desktops need" equal 8 "$(files | grep -cE '^-rw-r--r-- /usr/share/(applications/spot-serve.desktop|icons/hicolor/(scalable|symbolic|48x48)/apps/spot-serve(-symbolic)?.(svg|png)|metainfo/.*xml|man/man1/spot-serve.1.gz|bash-completion/completions/spot-serve|Thunar/sendto/spot-serve.desktop)$')"
it "and the pictures of the tray" equal 16 "$(files | grep -cE '/usr/share/icons/hicolor/(22x22|scalable|symbolic)/apps/spot-serve-(idle|busy|online|problem)(-symbolic)?.(svg|png)$')"
it "it needs the C library" sh -c "rpm -qp --requires '$package' | grep -q '^libc.so.6(GLIBC'"
it "removing it ends the running program" sh -c "rpm -qp --scripts '$package' | grep -q 'kill -TERM'"
# On a copy of this system. Debian's rpm installs only with --force-debian.
# shellcheck disable=SC2016
in_and_out='
  rpm --initdb
  rpm --force-debian --nodeps -i "$1"
  rpm --force-debian -V --nodeps spot-serve
  PATH=/usr/bin:/bin spot-serve --version | grep "^spot-serve [0-9]"
  test "$(spot-serve sidecar path)" = "/usr/lib/spot-serve/cloudflared-$2"
  rpm --force-debian -e spot-serve
  test -z "$(find /usr/bin /usr/lib /usr/share -iname "*spot?serve*")"'
if tests/in-own-system.sh true 2>/dev/null; then
  it "it is installed, runs with its sidecar, and is removed without a trace" \
    tests/in-own-system.sh sh -exc "$in_and_out" sh "$package" "$triple"
else
  skip "the .rpm installed and removed" "a copy of this system can't be made here"
fi

it "the content of the AppImage is prepared" make_package package-appimage --appdir
it "it starts the program" runs "$package/AppRun"
it "also through a link" sh -c "ln -s '$package/AppRun' '$work/app' && '$work/app' --version"
it "which finds its sidecar" finds "$package/AppRun" "$package/usr/lib/spot-serve/cloudflared-$triple"
it "it has the pictures of the tray" pictures "$package/usr/share"
it "which its program finds" equal "spot-serve-idle $package/usr/share/icons" "$(icon_of "$package/AppRun")"
it "it knows how it was installed" equal appimage "$(<"$package/usr/lib/spot-serve/installed-as")"
it "its entry is valid" desktop-file-validate "$package/spot-serve.desktop"
it "its icon is the one in the entry" test -s "$package/$(sed -n 's/^Icon=//p' "$package/spot-serve.desktop").svg" -a -s "$package/.DirIcon"
# Downloading appimagetool itself would need a network.
printf '#!/bin/sh\ntest -x "$1/AppRun" && echo "image for $ARCH" >"$2"\n' >"$work/appimagetool"
chmod 755 "$work/appimagetool"
export APPIMAGETOOL=$work/appimagetool
it "appimagetool is asked for the image" make_package package-appimage
it "for this machine" equal "image for $machine" "$(cat "$package")"
skip "the AppImage itself starts" "appimagetool can't be had without a network"

it "the root of the container image is prepared" make_package package-container --root
# A copy of this system isn't needed, but root is.
if [ "$(id -u)" = 0 ]; then
  # Containers have /proc, which says where the program is.
  mkdir -p "$package/proc"
  # shellcheck disable=SC2016 # sh expands it
  enter='root=$0; mount --bind /proc "$root/proc"; exec chroot --userspec=65532:65532 "$root" /usr/bin/spot-serve "$@"'
  inside=(unshare --mount sh -c "$enter" "$package")
  it "its program needs nothing else" sh -c "chroot --userspec=65532:65532 '$package' /usr/bin/spot-serve --version | grep '^spot-serve [0-9]'"
  edge=$(scripts/build-debug.sh)/loopback-edge
  export HOME=/var/lib/spot-serve XDG_DATA_HOME='' XDG_CONFIG_HOME='' XDG_STATE_HOME=''
  it "and finds its sidecar" equal "/usr/lib/spot-serve/cloudflared-$triple" "$("${inside[@]}" sidecar path)"

  mkfifo "$work/edge.stdin"
  "$edge" --until-stdin-closes <"$work/edge.stdin" >"$work/edge.json" &
  exec 9>"$work/edge.stdin"
  within test -s "$work/edge.json"
  mkdir -p "$package$HOME/.config/spot-serve"
  cp "$(jq -r .cacert "$work/edge.json")" "$package/tmp/edge.pem"
  # The certificate has another path inside.
  jq -r '"[tunnel]\nservice = \"\(.api)\"\nargs = \(.cacert as $file | .args[:6] | map(if . == $file then "/tmp/edge.pem" else . end))"' \
    "$work/edge.json" >"$package$HOME/.config/spot-serve/config.toml"
  it "before there is a share, it isn't healthy" fails "${inside[@]}" status
  "${inside[@]}" share --foreground /data >"$work/link" 2>"$work/said" 9>&- &
  share=$!
  it "it prints a link" within grep -q '^https://' "$work/link"
  it "while the link works, it is healthy" "${inside[@]}" status
  kill -TERM "$share"
  it "it ends when the container is stopped" wait "$share"
  it "then it isn't healthy" fails "${inside[@]}" status
  exec 9>&-
else
  skip "the program in the container's root" "only root can change the root"
fi
it "it knows how it was installed" equal container "$(<"$package/usr/lib/spot-serve/installed-as")"
it "it has certificates, and a place for the folder" test -s "$package/etc/ssl/certs/ca-certificates.crt" -a -d "$package/data"
finish
