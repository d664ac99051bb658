#!/usr/bin/env bash
# Needs: desktop cloudflared netns
# "Share a Folder…" with a real dialog: chosen, cancelled, and asked for twice.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$0")/lib.sh"

dialogs() { inside xdotool search --onlyvisible --class zenity 2>/dev/null | grep -c . || true; }
dialog_is_open() { [ "$(dialogs)" = 1 ]; }
no_dialog() { [ "$(dialogs)" = 0 ]; }
focus() { inside sh -c 'xdotool windowfocus --sync "$(xdotool search --onlyvisible --class zenity | tail -1)"'; }
# The location row of the dialog completes what is typed, and only then takes Return.
choose() { focus; inside xdotool type --delay 20 "$1"; inside xdotool key Return; }
chosen() { no_dialog || { inside xdotool key Return; no_dialog; }; }

open_edge
it "a desktop comes up" open_desktop whole
mkdir "$work/Holiday"
echo hello >"$work/Holiday/a.txt"
start_program
it "the dialog is asked for" tray click 'Share a Folder…'
it "the dialog opens" within dialog_is_open
it "the tray goes on while it is open" tray click 'Share a Folder…'
it "a second click raises no second dialog" dialog_is_open
focus
it "the dialog is cancelled" inside xdotool key Escape
it "it closes" within no_dialog
it "nothing is shared" fails has_row 'Holiday*'
it "the dialog is asked for again" tray click 'Share a Folder…'
it "the dialog opens again" within dialog_is_open
choose "$work/Holiday"
it "a folder is chosen" within chosen
it "it is online" inside notifications wait 'Holiday is online' 60
link=$(inside clipboard)
it "a visitor gets its files" equal hello "$(visit a.txt)"
it "Quit is clicked" tray click 'Quit Spot Serve'
it "the program ends with 0" ended 0
close_desktop
finish
