#!/usr/bin/env bash
# Needs: desktop cloudflared netns
# "Launch at Login" as the desktop will see it, and the entries that packages install.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$0")/lib.sh"

is_checked() { tray --wait 0 menu-json | jq -e '.. | objects | select(.label? == "Launch at Login") | .check' >/dev/null; }
is_unchecked() { ! is_checked; }
starts() { grep -qxF "Exec=$1 --at-login" "$entry"; }

for file in "$root"/installer/linux/*.desktop "$root"/installer/linux/file-managers/thunar.desktop; do
  it "$(basename "$file") is valid" desktop-file-validate "$file"
done

open_edge
it "a desktop comes up" open_desktop whole
entry=$run/cfg/autostart/spot-serve.desktop
# A path that must survive every level of quoting.
mkdir -p "$work/My 100% \$Apps"
place=$work/My\ 100%\ \$Apps/spot-serve
quoted=\"$work/My\ 100%%\ \\\\\$Apps/spot-serve\"
cp "$program" "$place"
program=$place
start_program
it "it is off at first" within is_unchecked
it "Launch at Login is clicked" tray click 'Launch at Login'
it "it is checked" within is_checked
it "the entry is valid" desktop-file-validate "$entry"
it "it starts the program" starts "$quoted"
sed -i 's|^Exec=.*|Exec=/bin/true --at-login|' "$entry"
it "an entry that starts another program does not count" within is_unchecked
it "it is clicked" tray click 'Launch at Login'
it "and starts the program again" within starts "$quoted"
it "it is checked again" within is_checked
it "only the configured folder is used" fails test -e "$run/home/.config"
rm "$entry"
it "if another program removes the entry, the check mark goes" within is_unchecked
it "it is clicked again" tray click 'Launch at Login'
it "and checked again" within is_checked
it "Quit is clicked" tray click 'Quit Spot Serve'
it "the program exits with 0" ended 0

mv "$place" "$work/moved"
program=$work/moved
start_program
it "a program that was moved repairs its entry" within starts "\"$work/moved\""
it "and shows the check mark" within is_checked
it "Launch at Login is switched off" tray click 'Launch at Login'
it "the entry is gone" within fails test -e "$entry"
it "Quit is clicked again" tray click 'Quit Spot Serve'
it "the program exits with 0 again" ended 0
close_desktop
finish
