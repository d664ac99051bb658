#!/usr/bin/env bash
# Needs: desktop cloudflared netns
# Desktops that lack something: the program starts, says what is missing, and does what it can.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$0")/lib.sh"

# shared WORD [OPTION...]: a command shares the folder, and its link works.
shared() {
  timeout 60 "$here/bin/in-desktop" "$run" "$program" share "$@" "$work/Holiday" \
    >"$work/said" 2>"$work/complained" 8>&- 9>&- || { cat "$work/complained"; return 1; }
  link=$(cat "$work/said")
}
# begin_sharing: the same, in a process that keeps running.
begin_sharing() {
  rm "$work/said"
  "$here/bin/in-desktop" "$run" "$program" share "$work/Holiday" \
    >"$work/said" 2>"$work/complained" 8>&- 9>&- &
  pid=$!
  within test -s "$work/said"
  link=$(cat "$work/said")
}
says() { grep -q "$1" "$run/program.out"; }
works() { equal hello "$(visit a.txt)"; }
dialog_is_open() { inside xdotool search --onlyvisible --class zenity >/dev/null 2>&1; }
# A dialog that has just opened loses keys.
cancel() {
  inside sh -c 'xdotool windowfocus --sync "$(xdotool search --onlyvisible --class zenity | tail -1)" key Escape' 2>/dev/null
  ! dialog_is_open
}
quit() { inside "$program" quit; }

open_edge
mkdir "$work/Holiday"
echo hello >"$work/Holiday/a.txt"

it "a desktop without a tray comes up" open_desktop no-tray --no-host
start_program
it "one notification says how to continue" inside notifications wait 'Spot Serve is running without an icon' 60
it "the notification offers the dialog itself" inside notifications click 'Share a Folder…'
it "which opens" within dialog_is_open
it "it is cancelled" within cancel
it "the terminal shows it, too" within says 'AppIndicator'
it "and how to quit" says 'Press Ctrl-C to quit'
it "a second start names a command" inside sh -c "'$program' 2>&1 >/dev/null | grep -q 'spot-serve list'"
it "a file manager shares a folder" shared --desktop
it "its link works" works
it "it is announced" inside notifications wait 'Holiday is online' 60
it "the link is on the clipboard" equal "$link" "$(inside clipboard)"
it "quit is requested" quit
it "the program exits with 0" ended 0
it "a command shares without the tray app" begin_sharing
it "its link works" works
kill -INT "$pid"
it "Ctrl-C ends it" ended 0

# Ayatana's service alone, without a panel: it is a watcher that says it shows icons.
"$here/bin/in-desktop" "$run" /usr/bin/python3 - 8>&- 9>&- <<'PY' &
from gi.repository import Gio, GLib
WATCHER = "org.kde.StatusNotifierWatcher"
node = Gio.DBusNodeInfo.new_for_xml(f"""<node><interface name="{WATCHER}">
  <property name="IsStatusNotifierHostRegistered" type="b" access="read"/></interface></node>""")
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
bus.register_object("/StatusNotifierWatcher", node.interfaces[0], None, lambda *_: GLib.Variant("b", True), None)
for name in "org.ayatana.indicator.application", WATCHER:
    Gio.bus_own_name_on_connection(bus, name, 0, None, None)
GLib.MainLoop().run()
PY
it "there is a service that collects icons" inside gdbus wait --session --timeout 60 org.kde.StatusNotifierWatcher
inside "$program" doctor --json >"$work/diagnosis"
it "the diagnosis doesn't take it for a panel" equal warning "$(jq -r '.checks[] | select(.check == "tray").level' "$work/diagnosis")"
it "and says which folder dialog there is" equal ok "$(jq -r '.checks[] | select(.check == "folder dialog").level' "$work/diagnosis")"
close_desktop

it "a desktop without notifications comes up" open_desktop no-note --no-notifications
recent "$work/Holiday"
start_program
it "a folder is clicked" tray click 'Recent Folders>Holiday'
it "it is online" tray wait 'Holiday – *.trycloudflare.com'
link=$(copied_link)
it "the link on the clipboard works" works
it "Quit is clicked" tray click 'Quit Spot Serve'
it "the program exits with 0" ended 0
close_desktop

for lack in bus display; do
  it "a desktop without a $lack comes up" open_desktop "no-$lack" "--no-$lack"
  start_program
  it "the program says how to continue" within says 'spot-serve share FOLDER'
  it "the suggested command shares" shared
  it "its link works" works
  it "quit is requested" quit
  it "the program exits with 0" ended 0
  close_desktop
done
finish
