#!/usr/bin/env bash
# Needs: desktop cloudflared netns shells
# The program in GNOME Shell, without its extension for icons at first, and from one login to the next.
set -uo pipefail
# shellcheck source=tests/real-desktops/gnome.sh
. "$(dirname "$0")/gnome.sh"

menu=380,24,644,660
notices=250,28,530,170

open_edge
prepare_folder Holiday
it "a session begins" log_in
await "the shell comes up" is_up
it "the shell's own notification is dismissed" dismiss_complaint
start_program
it "without the extension, a notification says that there is no icon" \
  screen --in $notices text "without an icon"
# Notifications stay as long as nobody touches the computer.
inside xdotool mousemove 300 500 mousemove 320 520
it "it goes when the person has seen it" screen --in $notices no-text "without an icon"
inside spot-serve share --desktop "$HOME/Pictures/Holiday" >"$work/said" 2>&1
it "a folder that a command shares is announced on the screen" screen --in $notices text "Holiday is online"
inside screenshot "$pictures/gnome-notification.png"
link=$(copied_link)
inside clipboard set "something else"
screen --hover --in $notices text "Holiday is online" >"$work/place"
it "the notification's button is clicked" screen --click 1 --in $notices text "Copy Link"
it "it copies the link" inside clipboard wait "$link"
it "the extension is enabled" inside gsettings set org.gnome.shell enabled-extensions "$icon_extensions"
it "the icon of a share that is online appears" screen icon online
it "its menu opens" open_menu
inside screenshot "$pictures/gnome-menu.png"
it "Launch at Login is clicked" screen --click 1 --in $menu text "Launch at Login"
await "it is on" test -s "$HOME/.config/autostart/spot-serve.desktop"
inside xdotool key Escape
it "the person logs out" inside gnome-session-quit --logout --no-prompt
it "the program ends with the session" ended 0

close_login
it "the person logs in again" log_in
it "the desktop starts the program at the next login" screen icon idle
share_while_connecting
fault '{"registration":"accept"}' >"$work/fault"
link=$(copied_link)
inside screenshot "$pictures/gnome-open-submenu.png"
inside clipboard set "something else"
it "the open submenu gets the link" screen --click 1 --in $menu text "Copy Link"
it "it copies the link" inside clipboard wait "$link"
it "a visitor is served" equal hello "$(visit a.txt)"
it "the menu opens" open_menu
it "Share a Folder is clicked" screen --click 1 --in $menu text "Share a Folder..."
it "the dialog of the desktop opens" inside timeout 60 xdotool search --sync --onlyvisible --name "^Share a Folder"
inside screenshot "$pictures/gnome-dialog.png"
inside xdotool key Escape
it "the menu opens" open_menu
it "Quit is clicked" screen --click 1 --in $menu text "Quit Spot Serve"
await "the program ends" fails pgrep -u desktop -x spot-serve
it "the icon is gone" screen no-icon
it "the link stays on the clipboard" inside clipboard wait "$link"
finish
