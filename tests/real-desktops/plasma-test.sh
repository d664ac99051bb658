#!/usr/bin/env bash
# Needs: desktop cloudflared netns shells
# The program in KDE Plasma, which reads one level of the menu at a time. At the second login there are
# many shares, and the shell starts again, from right to left.
set -uo pipefail
# shellcheck source=tests/real-desktops/plasma.sh
. "$(dirname "$0")/plasma.sh"

# Where things are, as X, Y, width and height.
menu=500,80,524,590
submenu=560,240,240,260
# The same beside a wider menu, with a link in it or a problem.
wide_submenu=320,200,480,380
notices=600,300,424,360

open_edge
prepare_folder Holiday
it "a session begins" log_in
it "the desktop starts the program at login" screen icon idle
share_while_connecting
inside screenshot "$pictures/plasma-submenu.png"
fault '{"registration":"accept"}' >"$work/fault"
link=$(copied_link)
inside clipboard set "something else"
it "the open submenu gets the link" screen --click 1 --in $submenu text "Copy Link"
it "it copies the link" inside clipboard wait "$link"
it "a visitor is served" equal hello "$(visit a.txt)"
inside spot-serve stop --all >"$work/said"
# A notification under the pointer stays.
inside xdotool mousemove 820 560
inside spot-serve share --desktop "$HOME/Pictures/Holiday" >"$work/said" 2>&1
it "a folder that a command shares is announced on the screen" screen --in $notices text "Holiday is online"
inside screenshot "$pictures/plasma-notification.png"
link=$(copied_link)
inside clipboard set "something else"
it "the notification's button is clicked" screen --click 1 --in $notices text "Copy Link"
it "it copies the link" inside clipboard wait "$link"
inside spot-serve stop --all >"$work/said"
it "the icon is as before" screen icon idle
fault '{"registration":"hang"}' >"$work/fault"
inside spot-serve share --desktop "$HOME/Pictures/Holiday" >"$work/said" 2>&1 &
it "the icon shows that it is connecting" screen icon busy
it "the menu opens" open_menu
it "the submenu of the share opens" screen --click 1 --in $menu text "Holiday"
it "it has no link yet" screen --in $wide_submenu text "Copy Local Address"
inside xdotool key Escape Escape
fault '{"registration":"accept"}' >"$work/fault"
it "the icon shows that it is online" screen icon online
it "the menu opens" open_menu
it "the submenu opens again" screen --click 1 --in $menu text "Holiday"
it "it has got the link while it was closed" screen --in $wide_submenu text "Copy Link"
inside screenshot "$pictures/plasma-submenu.png"
inside xdotool key Escape Escape
it "the menu opens" open_menu
it "Share a Folder is clicked" screen --click 1 --in $menu text "Share a Folder..."
it "a dialog for folders opens" inside timeout 60 xdotool search --sync --onlyvisible --name "^Share a Folder"
inside screenshot "$pictures/plasma-dialog.png"
inside xdotool key Escape
it "the person logs out" log_out
await "the program ends with the session" fails pgrep -u desktop -x spot-serve
close_login

it "the person logs in again" log_in
it "the desktop starts the program" screen icon idle
for number in 01 02 03 04 05 06 07 08 09 10; do
  mkdir -p "$HOME/Documents/Project $number"
  inside spot-serve share --desktop "$HOME/Documents/Project $number" >>"$work/said" 2>&1 || break
done
it "ten folders are shared" screen icon online
inside pkill -x plasmashell
it "the shell ends" screen no-icon
start_part shell plasmashell -reverse
it "the icon comes back with a shell that runs from right to left" screen icon online
menu=0,60,700,640
it "its menu opens" open_menu
it "it has the first of ten shares" screen --in $menu text "Project 01"
inside screenshot "$pictures/plasma-ten.png"
it "it has the last of them" screen --in $menu text "Project 10"
link=$(copied_link)
it "Quit is clicked" screen --click 1 --in $menu text "Quit Spot Serve"
await "the program ends" fails pgrep -u desktop -x spot-serve
it "the icon is gone" screen no-icon
it "the link stays on the clipboard" inside clipboard wait "$link"
finish
