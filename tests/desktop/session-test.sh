#!/usr/bin/env bash
# Needs: desktop cloudflared netns
# Parts of the desktop that come late, crash or end, while something is shared.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$0")/lib.sh"

# part NAME: the process id of a part of the desktop.
part() { ps -o pid=,comm= --ppid "$desktop_pid" | awk -v name="$1" '$2 == name { print $1; exit }'; }
crash() { local it; it=$(part "$1"); [ -n "$it" ] && crash_process "$it"; }
crash_process() { kill -KILL "$1" && within is_gone_or_dead "$1"; }
is_gone_or_dead() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status"; }
# again COMMAND...: a part of the desktop that starts later.
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
it "the icon is there when the panel is" tray wait
it "nothing is shared" listed 'length == 0'
it "nothing was told" fails told 'without an icon'

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
it "the next daemon is told" within sh -c "'$here/bin/in-desktop' '$run' '$here/trayctl.py' click 'Holiday – *>Copy Link' 8>&- 9>&-
  grep -q 'Link to Holiday copied' '$run/notifications.jsonl'"
it "it crashes as well" crash_process "$dunst"
# A daemon gives the numbers again that the one before it gave us. dunst tells a click to whom it
# concerns alone; others, as Plasma's, tell everybody, which is done here in their place.
number=$(jq -es '[.[] | select(.event == "notify" and .summary == "Link to Holiday copied")] | last | .id' "$run/notifications.jsonl")
it "a button of another notification with our number is clicked" inside gdbus emit --session \
  --object-path /org/freedesktop/Notifications --signal org.freedesktop.Notifications.ActionInvoked "uint32 $number" stop
it "the click is seen" within told '"action".*"stop"'
# What comes later on the same bus has overtaken nothing.
again dunst
inside clipboard set "something else"
it "the folder is shared as before" tray click 'Holiday – *>Copy Link'
it "under its link" inside clipboard wait "$link"

cloudflared=$(sidecar)
it "the session ends with its display" crash Xvfb
it "the program ends with it" ended 0
it "cloudflared is gone" within is_gone "$cloudflared"
it "nobody is served any more" fails visit a.txt
it "what was shared is kept for the next login" grep -q Holiday "$state/resume.json"
close_desktop

it "a desktop comes up" open_desktop bus
printf '[tunnel\n' >>"$run/cfg/spot-serve/config.toml"
start_program
it "settings that are broken at the start are told" inside notifications wait 'Spot Serve' 60
it "with their line" within told 'line 5'
it "quit is asked for" inside "$program" quit
it "the program ends" ended 0
sed -i '$d' "$run/cfg/spot-serve/config.toml"
recent "$work/Holiday"
start_program
it "a folder is shared" tray click 'Recent Folders>Holiday'
it "it is announced" inside notifications wait 'Holiday is online' 60
link=$(copied_link)
it "the bus crashes" crash dbus-daemon
rm -f "$run/rt/bus"
it "a visitor is served all the same" equal hello "$(visit a.txt)"
it "commands are answered" listed '.[0].state == "online"'
again dbus-daemon --config-file="$run/dbus.conf" --nofork --nopidfile
it "there is another bus" within test -S "$run/rt/bus"
again xfce4-panel --disable-wm-check
it "the icon is on the next bus" within has_row 'Holiday – *.trycloudflare.com'
it "its menu works" tray click 'Quit Spot Serve'
it "the program ends" ended 0
close_desktop
finish
