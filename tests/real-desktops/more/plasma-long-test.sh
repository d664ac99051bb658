#!/usr/bin/env bash
# The program in KDE Plasma on a fine screen, and one of many shares in its menu.
set -uo pipefail
# shellcheck source=tests/real-desktops/plasma.sh
. "$(dirname "$0")/../plasma.sh"

# Where things are, as X, Y, width and height.
menu=900,200,1148,1200
screen=2048x1400
session_env+=(SCALE=2 PLASMA_USE_QT_SCALING=1 QT_SCREEN_SCALE_FACTORS=2)
share_folder() { inside spot-serve share --desktop "$1" >"$work/said" 2>&1; }
is_link_of() { equal "$link" "$(inside spot-serve list --json | jq -r --arg name "$1" '.[] | select(.name == $name).link')"; }

open_edge
it "a session begins with a fine screen" log_in
it "the desktop starts the program at login" screen icon idle
it "the icon is sharp" screen sharp-icon idle
for number in 01 02 03 04 05 06 07 08 09 10; do
  mkdir -p "$HOME/Documents/Project $number"
  share_folder "$HOME/Documents/Project $number" || break
done
it "ten folders are shared" screen icon online
inside clipboard set "something else"
it "the menu opens" open_menu
it "one of ten shares is found in it" screen --click 1 --in $menu text "Project 07"
it "its submenu has the link" screen --click 1 text "Copy Link"
link=$(copied_link)
it "it is the link of this share" is_link_of "Project 07"
it "the menu opens" open_menu
inside screenshot "$pictures/plasma-large.png"
it "Quit is clicked" screen --click 1 --in $menu text "Quit Spot Serve"
await "the program ends" fails pgrep -u desktop -x spot-serve
finish
