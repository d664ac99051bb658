#!/usr/bin/env bash
# Needs: desktop cloudflared netns
# The main job on a Wayland desktop: sway, its bar, and no X server.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$0")/lib.sh"
pasted() { inside wl-paste --no-newline; }

open_edge
it "a Wayland desktop comes up" open_desktop wayland --wayland
mkdir "$work/Holiday"
echo hello >"$work/Holiday/a.txt"
recent "$work/Holiday"
start_program
it "the icon is in the bar" tray wait 'Share a Folder…'
it "a recent folder is clicked" tray click 'Recent Folders>Holiday'
it "it is announced" inside notifications wait 'Holiday is online' 60
link=$(pasted)
it "a visitor gets the folder's files with the pasted link" equal hello "$(visit a.txt)"
it "a picture is taken" inside grim "$pictures/wayland.png"
it "Copy Link is clicked" tray click 'Holiday – *>Copy Link'
it "it is reported" inside notifications wait 'Link to Holiday copied' 60
it "pasting gives the link" equal "$link" "$(pasted)"
it "Quit is clicked" tray click 'Quit Spot Serve'
it "the program exits with 0" ended 0
close_desktop
finish
