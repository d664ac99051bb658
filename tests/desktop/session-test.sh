#!/usr/bin/env bash
# Needs: desktop cloudflared netns
# Parts of the desktop that start late, crash or end while something is shared.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$0")/lib.sh"

# part NAME: the process id of a part of the desktop.
part() { ps -o pid=,comm= --ppid "$desktop_pid" | awk -v name="$1" '$2 == name { print $1; exit }'; }
crash() { local it; it=$(part "$1"); [ -n "$it" ] && crash_process "$it"; }
crash_process() { kill -KILL "$1" && within is_gone_or_dead "$1"; }
is_gone_or_dead() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status"; }
# again COMMAND...: starts a part of the desktop later.
again() { "$here/bin/in-desktop" "$run" setpriv --pdeathsig TERM "$@" >"$run/log/again" 2>&1 8>&- 9>&- & }
listed() { inside "$program" list --json | jq -e "$1" >/dev/null; }
told() { grep -q "$1" "$run/notifications.jsonl"; }

open_edge
mkdir "$work/Holiday"
echo hello >"$work/Holiday/a.txt"

it "a desktop comes up" open_desktop whole
printf '[app]\nresume = true\n' >>"$run/cfg/spot-serve/config.toml"
recent "$work/Holiday"
it "its panel is not there yet" crash xfce4-panel
"$here/bin/in-desktop" "$run" "$program" --at-login >"$run/program.out" 2>&1 8>&- 9>&- &
pid=$!
it "the program starts at login" within test -S "$run/rt/spot-serve/socket"
again xfce4-panel --disable-wm-check
it "the icon appears when the panel does" tray wait
it "nothing is shared" listed 'length == 0'
it "nothing was reported" fails told 'without an icon'

it "a folder is shared" tray click 'Recent Folders>Holiday'
it "it is announced" inside notifications wait 'Holiday is online' 60
link=$(copied_link)
it "a visitor is served" equal hello "$(visit a.txt)"
it "the notification daemon crashes" crash dunst
inside clipboard set "something else"
it "Copy Link works without it" tray click 'Holiday – *>Copy Link'
it "the link is on the clipboard" inside clipboard wait "$link"
again dunst
dunst=$!
it "the next daemon gets the notification" within sh -c "'$here/bin/in-desktop' '$run' '$here/trayctl.py' click 'Holiday – *>Copy Link' 8>&- 9>&-
  grep -q 'Link to Holiday copied' '$run/notifications.jsonl'"
it "it crashes, too" crash_process "$dunst"
# A new daemon reuses the numbers of the previous one. dunst reports a click only to the program
# concerned; others, such as Plasma's, report it to all, which the test does in their place.
number=$(jq -es '[.[] | select(.event == "notify" and .summary == "Link to Holiday copied")] | last | .id' "$run/notifications.jsonl")
it "a button of another notification with our number is clicked" inside gdbus emit --session \
  --object-path /org/freedesktop/Notifications --signal org.freedesktop.Notifications.ActionInvoked "uint32 $number" stop
it "the click is seen" within told '"action".*"stop"'
# Messages on the same bus arrive in order.
again dunst
inside clipboard set "something else"
it "the folder is shared as before" tray click 'Holiday – *>Copy Link'
it "under its link" inside clipboard wait "$link"

cloudflared=$(sidecar)
it "the session ends with its display" crash Xvfb
it "the program ends with it" ended 0
it "cloudflared is gone" within is_gone "$cloudflared"
it "visitors are no longer served" fails visit a.txt
it "the shares are kept for the next login" grep -q Holiday "$state/resume.json"
close_desktop

it "a desktop comes up" open_desktop bus
printf '[tunnel\n' >>"$run/cfg/spot-serve/config.toml"
start_program
it "settings that are broken at the start are reported" inside notifications wait 'Spot Serve' 60
it "with the line" within told 'line 5'
it "quit is requested" inside "$program" quit
it "the program ends" ended 0
sed -i '$d' "$run/cfg/spot-serve/config.toml"
recent "$work/Holiday"
start_program
it "a folder is shared" tray click 'Recent Folders>Holiday'
it "it is announced" inside notifications wait 'Holiday is online' 60
link=$(copied_link)
it "the bus crashes" crash dbus-daemon
rm -f "$run/rt/bus"
it "a visitor is still served" equal hello "$(visit a.txt)"
it "commands are answered" listed '.[0].state == "online"'
again dbus-daemon --config-file="$run/dbus.conf" --nofork --nopidfile
it "there is another bus" within test -S "$run/rt/bus"
again xfce4-panel --disable-wm-check
it "the icon is on the next bus" within has_row 'Holiday – *.trycloudflare.com'
it "its menu works" tray click 'Quit Spot Serve'
it "the program ends" ended 0
close_desktop
finish
