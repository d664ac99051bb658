#!/usr/bin/env bash
# Needs: desktop cloudflared netns packages
# The Debian package, on a copy of this system: built with a cloudflared, checked by lintian,
# installed, started from its desktop entry, upgraded while it shares, and removed.
#
# There is no network to download cloudflared's release: the package contains the cloudflared for
# tests, and its program is pinned to that.
set -uo pipefail
suite=$(realpath "$0")
here=$(dirname "$suite")
root=$(realpath "$here/../..")
cd "$root" || exit 1

if [ -z "${SPOT_SERVE_PACKAGES-}" ]; then
  # shellcheck source=tests/report.sh
  . "$root/tests/report.sh"
  if ! tests/in-own-system.sh true 2>/dev/null; then
    skip "the Debian package installed, upgraded and removed" "a copy of this system can't be made here"
    finish
  fi
  target=$(realpath -m "${CARGO_TARGET_DIR:-$root/target}")
  SPOT_SERVE_TEST_CLOUDFLARED=$(tests/get-cloudflared.sh) || exit 1
  export SPOT_SERVE_TEST_CLOUDFLARED
  # shellcheck source=tests/release_server.sh
  . "$root/tests/release_server.sh"
  export SPOT_SERVE_PACKAGES=$work
  cd "$work" || exit 1
  cp "$SPOT_SERVE_TEST_CLOUDFLARED" served/release
  serve_releases
  triple=$(rustc -vV | sed -n 's/^host: //p')
  { printf 'version = "1"\nurl = "%s/good/{asset}"\n' "$releases"; pin "$triple" release served/release; } >pins.toml
  built=$("$root/tests/program-to-package.sh" "$PWD/built") || exit 1
  python3 "$root/tests/own_pin.py" "$built" served/release program || exit 1
  SPOT_SERVE_FAST=1 SPOT_SERVE_PROGRAM=$PWD/program SPOT_SERVE_PINS=$PWD/pins.toml make -C "$root" --no-print-directory package-deb >made 2>making
  it "make package-deb builds a package" test -f "$(tail -1 made)"
  [ -f "$(tail -1 made)" ] || { cat making; finish; }
  mv "$(tail -1 made)" now.deb

  # The next version, with another cloudflared.
  dpkg-deb -R now.deb next
  { cat served/release; echo; } >another
  cp another "next/usr/lib/spot-serve/cloudflared-$triple"
  python3 "$root/tests/own_pin.py" "$built" another next/usr/lib/spot-serve/spot-serve || exit 1
  sed -i 's/^Version: .*/Version: 99.0-1/' next/DEBIAN/control
  (cd next && find usr -type f -exec md5sum {} + >DEBIAN/md5sums)
  dpkg-deb --root-owner-group -Zgzip -z1 -b next next.deb >making || cat making

  # Here, dpkg is root and works as usual; the network has only loopback.
  export LOOPBACK_EDGE_IN_NAMESPACE=1 KEEP=$target/screenshots SPOT_SERVE_FAILED=$failed
  mkdir -p "$KEEP"
  cd "$root" || exit 1
  tests/in-own-system.sh unshare --net --pid --fork --kill-child --mount-proc \
    sh -c 'ip link set lo up && "$@"; exit $?' sh "$suite"
  exit $?
fi

# shellcheck source=tests/desktop/lib.sh
. "$here/lib.sh"
failed=${SPOT_SERVE_FAILED-0}
package=$SPOT_SERVE_PACKAGES/now.deb
libs=/usr/lib/spot-serve
triple=$(uname -m)-unknown-linux-gnu
# From the installed package, not from a checkout.
program=/usr/bin/spot-serve

lintian_says() { # LETTER: what it says of this severity
  lintian --allow-root --fail-on error --info --suppress-tags initial-upload-closes-no-bugs "$package" >"$work/said" 2>&1
  ! grep "^$1:" "$work/said"
}
depends_on_all_it_needs() {
  local library
  for library in $(ldd $libs/spot-serve | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p'); do
    # Its directory may be a link that dpkg does not know.
    dpkg -S "*/$(basename "$library")" || return 1
  done | cut -d: -f1 | sort -u >"$work/needed"
  dpkg-deb -f "$package" Depends | tr ',' '\n' | sed 's/^ *//; s/ .*//' | sort -u >"$work/depends"
  diff "$work/needed" "$work/depends"
}
# Every file on the system that belongs to it, except those of tests and checkouts.
traces() {
  find / -xdev \( -path "$work" -o -path "$root" -o -path "$SPOT_SERVE_PACKAGES" -o -path "$target" \
    -o -path /root/.cargo -o -path /tmp \) -prune -o \( -iname '*spot?serve*' -o -name 'cloudflared*' \) -print
  grep -rl spot-serve /usr/share/applications /usr/share/mime /var/lib/dpkg/status /var/lib/dpkg/triggers 2>/dev/null
}

it "lintian finds no errors" lintian_says E
it "and no warnings" lintian_says W
it "it contains one desktop entry" sh -c "dpkg-deb -c '$package' | grep -c 'applications/.*desktop' | grep -qx 1"
traces >"$work/before"
it "it is installed by dpkg" dpkg -i "$package"
it "it depends on what it needs" depends_on_all_it_needs
it "the program runs from PATH" sh -c "PATH=/usr/bin:/bin spot-serve --version | grep '^spot-serve 0'"
it "its sidecar is the one next to it" equal "$libs/cloudflared-$triple" "$(spot-serve sidecar path)"
it "and the right one" sh -c "spot-serve sidecar verify | grep 'cloudflared for this version'"
it "it knows how it was installed" equal deb "$(<"$libs/installed-as")"
it "cloudflared's licence is next to it" grep -q 'Apache License' "$libs/cloudflared-LICENSE.txt"
it "and its notice" grep -q 'Copyright Cloudflare' "$libs/cloudflared-NOTICE.txt"
it "there is a copyright file" grep -q '^License: Apache-2.0' /usr/share/doc/spot-serve/copyright
it "and a changelog" sh -c "zcat /usr/share/doc/spot-serve/changelog.gz | grep -q '^## '"
it "the manual is found" sh -c "man -w spot-serve && man -w spot-serve-share"
# shellcheck disable=SC2016
it "bash completes commands" sh -c 'bash -ic ". /usr/share/bash-completion/bash_completion 2>/dev/null || . /usr/share/bash-completion/completions/spot-serve
  COMP_WORDS=(spot-serve qu); COMP_CWORD=1; _spot__serve spot-serve qu spot-serve; echo \${COMPREPLY[@]}" 2>/dev/null | grep -x quit'
it "zsh and fish find their completions" test -s /usr/share/zsh/vendor-completions/_spot-serve -a -s /usr/share/fish/vendor_completions.d/spot-serve.fish
it "its desktop entry is valid" desktop-file-validate /usr/share/applications/spot-serve.desktop
it "so is the AppStream data" appstreamcli validate --no-net /usr/share/metainfo/io.github.spot_serve.SpotServe.metainfo.xml
it "all icons of the theme are installed" /usr/bin/python3 - <<'PY'
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gtk
theme = Gtk.IconTheme()
theme.set_custom_theme("hicolor")
sizes = set(theme.get_icon_sizes("spot-serve"))
assert sizes >= {16, 22, 24, 32, 48, 64, 128, 256, 512, -1}, sizes
assert "symbolic" in theme.lookup_icon("spot-serve-symbolic", 16, 0).get_filename()
for state in "idle", "busy", "online", "problem":
    sizes = set(theme.get_icon_sizes("spot-serve-" + state))
    assert sizes >= {16, 22, 24, 32, 48, 64, -1}, (state, sizes)
    assert "symbolic" in theme.lookup_icon(f"spot-serve-{state}-symbolic", 16, 0).get_filename()
PY
opens_no_folders() {
  /usr/bin/python3 -c 'from gi.repository import Gio; print([app.get_id() for app in Gio.AppInfo.get_all_for_type("inode/directory")])' >"$work/apps" &&
    fails grep -F spot-serve "$work/apps"
}
it "it opens no folders" opens_no_folders
for entry in nautilus-python/extensions/spot-serve.py caja-python/extensions/spot-serve.py nemo/actions/spot-serve.nemo_action \
  kio/servicemenus/spot-serve.desktop Thunar/sendto/spot-serve.desktop file-manager/actions/spot-serve.desktop; do
  it "$(cut -d/ -f1 <<<"$entry") has its entry" test -f "/usr/share/$entry"
done

open_edge
it "a desktop comes up" open_desktop whole
sed -i '/^cloudflared = /d' "$run/cfg/spot-serve/config.toml"
mkdir -p "$work/Photos" "$work/Music"
echo hello >"$work/Photos/a.txt"
echo la >"$work/Music/song.txt"
recent "$work/Photos" "$work/Music"
# from_entry [ACTION]: does what a desktop does for a click on the entry, or on one of its actions.
from_entry() {
  inside /usr/bin/python3 - "$@" <<'PY'
import sys
from gi.repository import Gio
entry = Gio.DesktopAppInfo.new("spot-serve.desktop")
entry.launch_action(sys.argv[1], None) if sys.argv[1:] else entry.launch([], None)
PY
}
spot_serve() { inside "$program" "$@"; }
exe() { readlink "/proc/$1/exe"; }
running() { pgrep -x spot-serve; }

it "it is started from its desktop entry" from_entry
it "its icon is in the tray" tray wait
icon() { tray props | jq -r '"\(.IconName) \(.IconThemePath)"'; }
it "the panel gets its icon by name" equal "spot-serve-idle " "$(icon)"
pid=$(running)
it "it is the installed program" equal "$libs/spot-serve" "$(exe "$pid")"
it "a folder is shared" tray click 'Recent Folders>Photos'
it "it is online" inside notifications wait 'Photos is online' 60
link=$(copied_link)
it "a visitor is served" equal hello "$(visit a.txt)"
it "by the cloudflared of the package" equal "$libs/cloudflared-$triple" "$(exe "$(sidecar)")"
it "the entry's action opens the folder dialog" from_entry pick
it "it is there" within inside sh -c 'xdotool search --onlyvisible --class zenity || xdotool search --onlyvisible --name "[Ff]older"'
inside screenshot "$KEEP/installed.png"
kill "$(pgrep -P "$pid" -x zenity)"
only_cloudflared() { [ "$(pgrep -P "$pid" | wc -l)" = 1 ]; }
within only_cloudflared

cloudflared=$(sidecar)
it "it is upgraded while it shares" dpkg -i "$SPOT_SERVE_PACKAGES/next.deb"
it "the running program continues" equal "$pid" "$(running)"
it "with the same cloudflared" equal "$cloudflared" "$(sidecar)"
it "the link works" equal hello "$(visit a.txt)"
kill -KILL "$cloudflared"
another_sidecar() { local now; now=$(sidecar); [ -n "$now" ] && [ "$now" != "$cloudflared" ]; }
it "a cloudflared that dies is restarted" within another_sidecar
served_again() { visit a.txt >"$work/page" 2>/dev/null; }
it "at the same link" within served_again
it "it is the one that came with this program" cmp "/proc/$(sidecar)/exe" "$SPOT_SERVE_TEST_CLOUDFLARED"
it "another folder can be shared" tray click 'Recent Folders>Music'
it "and gets a link" inside notifications wait 'Music is online' 60
spot_serve list >"$work/list"
it "the new command line talks to the old program" grep -F "$link" "$work/list"
it "Launch at Login is clicked" tray click 'Launch at Login'
it "it will start the new version" within grep -qxF "Exec=\"$libs/spot-serve\" --at-login" "$run/cfg/autostart/spot-serve.desktop"
it "the entry's action stops everything" from_entry stop
it "the links are gone" within fails served_again
it "the entry's action quits" from_entry quit
it "it ends" within is_gone "$pid"
it "the next start runs the new version" from_entry
tray wait >/dev/null
pid=$(running)
new_one() { [ "$(exe "$pid")" = $libs/spot-serve ] && cmp "/proc/$pid/exe" $libs/spot-serve; }
it "which is the installed one" new_one
tray click 'Recent Folders>Photos'
it "it shares with its own cloudflared" within sh -c "readlink /proc/\$(ps -o pid= --ppid $pid | tr -d ' ')/exe | grep -qx '$libs/cloudflared-.*'"
link=
shared() { link=$(spot_serve list --json | jq -re '.. | .link? // empty' | head -1) && [ -n "$link" ] && served_again; }
it "and its link works" within shared

it "it is removed while it shares" dpkg -r spot-serve
it "the program has ended" within is_gone "$pid"
it "its link no longer answers" fails served_again
traces >"$work/after"
it "nothing is left of it" diff "$work/before" "$work/after"
it "except the user's own settings" test -f "$run/cfg/spot-serve/config.toml" -a -f "$state/recent.json"
it "a remaining launch at login starts nothing" grep -qxF "TryExec=$libs/spot-serve" "$run/cfg/autostart/spot-serve.desktop"
it "purging finds nothing more" dpkg -P spot-serve
it "the desktop closes" close_desktop
finish
