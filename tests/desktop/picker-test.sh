#!/usr/bin/env bash
# Needs: desktop cloudflared netns
# "Share a Folder…" and "Share Files…" with a real dialog, that of zenity: used, cancelled, and requested twice.
# "Share the Clipboard" too, which needs none.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$0")/lib.sh"

dialogs() { inside xdotool search --onlyvisible --class zenity 2>/dev/null | grep -c . || true; }
dialog_is_open() { [ "$(dialogs)" = 1 ]; }
no_dialog() { [ "$(dialogs)" = 0 ]; }
focus() { inside sh -c 'xdotool windowfocus --sync "$(xdotool search --onlyvisible --class zenity | tail -1)"'; }
# A dialog that has just opened may lose a key, and its first Return may accept a completion. A
# person would see that and type again.
choose() {
  focus
  inside xdotool key ctrl+l ctrl+a
  inside xdotool type --delay 30 "$1"
  inside xdotool key Return
  is_chosen || { inside xdotool key Return; is_chosen; }
}
is_chosen() {
  local tries
  for ((tries = 0; tries < 20; tries++)); do
    if no_dialog; then return 0; fi
    sleep 0.05
  done
  return 1
}

open_edge
it "a desktop comes up" open_desktop whole
mkdir "$work/Holiday"
echo hello >"$work/Holiday/a.txt"
# A portal whose backends show no dialogs, like that of wlroots alone. The program has to use zenity.
"$here/bin/in-desktop" "$run" /usr/bin/python3 -c '
from gi.repository import Gio, GLib
Gio.bus_own_name(Gio.BusType.SESSION, "org.freedesktop.portal.Desktop", 0, None, None, None)
GLib.MainLoop().run()' 8>&- 9>&- &
it "there is a portal" inside gdbus wait --session --timeout 60 org.freedesktop.portal.Desktop
start_program
it "the dialog is requested" tray click 'Share a Folder…'
it "the dialog opens" within dialog_is_open
it "the tray keeps working while it is open" tray click 'Share a Folder…'
it "a second click opens no second dialog" dialog_is_open
# A dialog that has just opened loses keys.
cancel() { focus; inside xdotool key Escape; no_dialog; }
it "the dialog is cancelled" within cancel
it "nothing is shared" has_no_row 'Holiday*'
it "the dialog is requested again" tray click 'Share a Folder…'
it "the dialog opens again" within dialog_is_open
it "a folder is chosen" within choose "$work/Holiday"
it "it is online" inside notifications wait 'Holiday is online' 60
link=$(copied_link)
it "a visitor gets its files" equal hello "$(visit a.txt)"
echo plan >"$work/plan.txt"
it "a dialog for files is requested" tray click 'Share Files…'
it "it opens" within dialog_is_open
it "a file is chosen" within choose "$work/plan.txt"
it "the file is online" inside notifications wait 'plan.txt is online' 60
link=$(copied_link)
it "a visitor gets it" equal plan "$(visit plan.txt)"
it "a text is copied somewhere" inside clipboard set 'two words'
it "Share the Clipboard is clicked" tray click 'Share the Clipboard'
it "the text is online" inside notifications wait 'Text is online' 60
link=$(copied_link)
it "a visitor gets it as it was copied" equal 'two words' "$(visit '?raw')"
it "the dialog is requested once more" tray click 'Share a Folder…'
it "and opens" within dialog_is_open
it "Quit is clicked" tray click 'Quit Spot Serve'
it "the program exits with 0" ended 0
it "the dialog ends with it" within no_dialog
start_program
it "the dialog is requested again after a restart" tray click 'Share a Folder…'
it "it is there" within dialog_is_open
kill -KILL "$pid"; wait "$pid" 2>/dev/null
it "it ends with a program that is killed" within no_dialog
close_desktop
finish
