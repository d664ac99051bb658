#!/usr/bin/env bash
# Needs: desktop
# Tests the test desktop itself with a small tray icon, to distinguish failures of the desktop from
# failures of the program.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
# shellcheck source=tests/report.sh
. ../report.sh
work=$(mktemp -d)
# Closes an open desktop, which ends with its input.
trap 'exec 8>&-; wait; rm -rf "$work"' EXIT

# open_desktop NAME: starts one that runs until close_desktop; its directory is in $run.
open_desktop() {
  run=$work/$1
  mkfifo "$work/$1.stdin"
  ./desktop.sh "$run" <"$work/$1.stdin" >"$work/$1.said" 2>&1 &
  desktop_pid=$!
  exec 8>"$work/$1.stdin"
  until grep -q ready "$work/$1.said"; do
    kill -0 "$desktop_pid" || { cat "$work/$1.said"; return 1; }
    sleep 0.05
  done
}
close_desktop() { exec 8>&-; wait "$desktop_pid"; }
# File descriptor 8 keeps the desktop open: nothing inside may inherit it.
inside() { timeout 30 bin/in-desktop "$run" "$@" 8>&-; }
# holds FILE LINE: waits up to a minute for the line.
holds() {
  local tries
  for ((tries = 0; tries < 1200; tries++)); do
    if grep -qxF -- "$2" "$1"; then return 0; fi
    sleep 0.05
  done
  echo "$1 never held: $2"; cat "$1"; return 1
}
nobody_left() {
  local tries left
  for ((tries = 0; tries < 1200; tries++)); do
    left=$(grep -lzF "=$run/" /proc/[0-9]*/environ 2>/dev/null)
    if [ -z "$left" ]; then return 0; fi
    sleep 0.05
  done
  for each in $left; do tr '\0' ' ' <"${each%environ}cmdline"; echo; done
  return 1
}

it "a whole desktop comes up" open_desktop whole
if [ "$failed" -gt 0 ]; then finish; fi
inside ./sample_item.py "$run/sample.log" &
sample=$!

it "the tray icon is found on the bus" inside ./trayctl.py --item sample-item wait
it "the menu is printed as a tree" equal "$(printf '%s\n' Greet Places '    Here' '    There  (disabled)' \
  Under_score -------- 'Marked  [check on]' Quit)" "$(inside ./trayctl.py tree)"
it "the menu is printed as JSON" equal '["Greet","Places","Under_score",null,"Marked","Quit"]' \
  "$(inside ./trayctl.py menu-json | jq -c 'map(.label)')"
it "the icon's properties are printed as JSON" equal 'sample-item 22' \
  "$(inside ./trayctl.py props | jq -r '"\(.Id) \(.IconPixmap[0].width)"')"
it "an item is clicked by its label" inside ./trayctl.py click Greet
it "the click arrived" holds "$run/sample.log" "clicked Greet"
it "an item in a submenu is clicked by a pattern" inside ./trayctl.py click 'Places>H*e'
it "that click arrived" holds "$run/sample.log" "clicked Here"
it "a disabled item can't be clicked" fails inside ./trayctl.py --wait 0 click 'Places>There'
inside ./trayctl.py --wait 0 click Nowhere 2>"$work/why"
it "for a missing label, the existing ones are listed" grep -F "'Greet', 'Places'" "$work/why"
it "the icon is activated" inside ./trayctl.py activate
it "the activation arrived" holds "$run/sample.log" activated
it "a right mouse click opens the menu" inside open-menu
it "the keyboard chooses from the open menu" inside xdotool key Down Down Down Return
it "the keyboard's choice arrived" holds "$run/sample.log" "clicked Under__score"
it "a screenshot is a picture of the whole screen" equal "PNG 1280x800" \
  "$(inside screenshot "$run/s.png" && identify -format '%m %wx%h' "$run/s.png")"

it "the clipboard is set" inside clipboard set "https://a.example/ü b"
it "the clipboard is read" equal "https://a.example/ü b" "$(inside clipboard)"
it "waiting for the clipboard takes a pattern" inside clipboard wait 'https://*.example/*'

inside notify-send -A default=Open -A copy="Copy Link" "Photos is online" "a & b" >"$run/chosen" &
it "a notification is seen" inside notifications wait 'Photos is*'
it "a notification's action is clicked by its label" inside notifications click "Copy Link"
it "the program receives the action" holds "$run/chosen" copy
inside notify-send -A default=Open "Second" >"$run/chosen-2" &
it "a second notification is seen" inside notifications wait Second
it "a left click on a notification is its default action" inside notifications click
it "the program receives the default action" holds "$run/chosen-2" default

it "a link goes to the stub browser" inside xdg-open "https://a.example/?x=1&y=2"
it "the stub browser recorded it" holds "$run/browser.log" "https://a.example/?x=1&y=2"

inside ./trayctl.py click Quit
wait "$sample"
it "an icon that is gone is not found" fails inside ./trayctl.py --wait 0 wait
it "a desktop closes when its standard input does" close_desktop
it "a closed desktop leaves no process" nobody_left

it "a second desktop comes up" open_desktop killed
kill -KILL "$desktop_pid"; exec 8>&-; wait "$desktop_pid" 2>/dev/null
it "a desktop that was killed leaves no process" nobody_left

run=$work/status
./desktop.sh --no-host --no-notifications "$run" sh -c 'exit 7'
it "the command's exit status is the desktop's" equal 7 $?
run=$work/leftovers
./desktop.sh --no-host --no-notifications "$run" sh -c 'setsid sleep 987 & until grep -q sleep /proc/$!/comm; do :; done'
it "processes that a command left behind are listed" grep -q 'sleep 987' "$run/leftovers"
it "processes that a command left behind are ended" nobody_left

it "without a tray host there are notifications but no watcher" ./desktop.sh --no-host "$work/no-host" \
  sh -c 'notify-send hello && ! gdbus wait --session --timeout 1 org.kde.StatusNotifierWatcher'
it "without a notification daemon no notification can be shown" ./desktop.sh --no-notifications "$work/no-notify" \
  sh -c 'gdbus wait --session --timeout 1 org.kde.StatusNotifierWatcher && ! notify-send hello'
it "without a bus there is only a display" ./desktop.sh --no-bus "$work/no-bus" \
  sh -c 'xsetroot && [ -z "${DBUS_SESSION_BUS_ADDRESS-}" ]'
it "without a display there is only a bus" ./desktop.sh --no-display "$work/no-display" \
  sh -c 'gdbus call --session -d org.freedesktop.DBus -o / -m org.freedesktop.DBus.GetId && [ -z "${DISPLAY-}" ]'
only_loopback="a desktop comes up in a network namespace that has only loopback"
if unshare -rn true 2>/dev/null; then
  it "$only_loopback" unshare -rn sh -c 'ip link set lo up && exec "$@"' - ./desktop.sh "$work/netns" true
else
  skip "$only_loopback" "unshare -rn is not allowed here"
fi
mkdir "$work/precious"; touch "$work/precious/file"
it "a directory with other content is refused" fails ./desktop.sh "$work/precious" true
it "its content is still there" test -e "$work/precious/file"
finish
