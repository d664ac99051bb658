#!/usr/bin/env bash
# The program in GNOME Shell, longer: what a notification asks, many shares, a shell that ends, and then
# a fine screen, from right to left.
set -uo pipefail
# shellcheck source=tests/real-desktops/gnome.sh
. "$(dirname "$0")/../gnome.sh"

# The menu with ten shares is longer than a smaller screen, and this shell doesn't scroll it.
screen=1280x1024
menu=640,24,640,1000
notices=370,28,540,170
# Of a question with three lines, which mentions them, too.
buttons=370,140,540,60
share_folder() { inside spot-serve share --desktop "$1" >"$work/said" 2>&1; }
stop_all() { inside spot-serve stop --all >"$work/said" 2>&1; }
# Notifications stay as long as nobody touches the computer.
touch_computer() { inside xdotool mousemove 300 500 mousemove 320 520; }
# copies_link_of NAME: the menu is open; the link of this share is on the clipboard then.
copies_link_of() {
  inside clipboard set "something else" && screen --click 1 --in $menu text "$1" &&
    screen --click 1 --in $menu text "Copy Link" && link=$(copied_link) && is_link_of "$1"
}
is_link_of() { equal "$link" "$(inside spot-serve list --json | jq -r --arg name "$1" '.[] | select(.name == $name).link')"; }
# Who is the shell on the bus.
shell_on_bus() {
  inside gdbus call --session -d org.freedesktop.DBus -o /org/freedesktop/DBus -m org.freedesktop.DBus.GetNameOwner org.gnome.Shell 2>/dev/null
}
is_next_shell() { local now; now=$(shell_on_bus) && [ "$now" != "$before" ]; }
open_commands() { inside xdotool key alt+F2 && screen text "Run a Command"; }

sed -i "/^\[org\/gnome\/shell\]/aenabled-extensions=$icon_extensions" "$HOME/.config/glib-2.0/settings/keyfile"
open_edge
prepare_folder Holiday
it "a session begins" log_in
await "the shell comes up" is_up
it "the shell's own notification is dismissed" dismiss_complaint
start_program
it "the icon appears" screen icon idle

fault '{"registration":"hang"}' >"$work/fault"
share_folder "$HOME/Pictures/Holiday" &
it "the icon shows that it is connecting" screen icon busy
it "the menu opens" open_menu
it "the submenu of the share opens" screen --click 1 --in $menu text "Holiday"
it "it has no link yet" screen --in $menu text "Copy Local Address"
inside xdotool key Escape Escape
fault '{"registration":"accept"}' >"$work/fault"
it "the icon shows that it is online" screen icon online
it "the menu opens" open_menu
it "the submenu opens again, has got the link while it was closed, and copies it" copies_link_of Holiday
stop_all
touch_computer
it "the icon is as before" screen icon idle

share_folder "$HOME/Pictures/Holiday"
screen --hover --in $notices text "Holiday is online" >"$work/place"
it "Stop Sharing is clicked on the notification" screen --click 1 --in $notices text "Stop Sharing"
it "it stops the share" screen icon idle
touch_computer
mkdir -p "$HOME/Vault"
echo secret >"$HOME/Vault/mine.kdbx"
recent "$HOME/Pictures/Holiday" "$HOME/Vault"
share_folder "$HOME/Vault" &
it "a private folder needs a question" screen --hover --in $notices text "Share Vault anyway?"
inside screenshot "$pictures/gnome-question.png"
it "Share Anyway is clicked on the notification" screen --click 1 --in $buttons text "Share Anyway"
it "it is shared" screen icon online
stop_all

for number in 01 02 03 04 05 06 07 08 09 10; do
  mkdir -p "$HOME/Documents/Project $number"
  share_folder "$HOME/Documents/Project $number" || break
done
it "ten folders are shared" screen icon online
touch_computer
before=$(shell_on_bus)
it "the dialog for commands opens" open_commands
inside xdotool type r
inside xdotool key Return
await "the shell starts again" is_next_shell
it "the icon comes back with the next one" screen icon online
it "its menu opens" open_menu
inside screenshot "$pictures/gnome-ten.png"
it "one of ten shares is found in it, and its link copied" copies_link_of "Project 07"
inside xdotool key Escape Escape
it "the menu opens" open_menu
it "Quit is clicked" screen --click 1 --in $menu text "Quit Spot Serve"
it "the program ends" ended 0
close_login

recent "$HOME/Pictures/Holiday"
session_env+=(SCALE=2 CLUTTER_TEXT_DIRECTION=rtl)
# Below the notifications. The menu becomes wider with a link.
screen=2048x1400 menu=0,230,1100,1130
sed -i "/^\[org\/gnome\/desktop\/interface\]/ascaling-factor=uint32 2" "$HOME/.config/glib-2.0/settings/keyfile"
it "a session begins with a fine screen, from right to left" log_in
await "the shell comes up" is_up
start_program
it "the icon appears, twice as large" screen icon idle
it "it is sharp" screen sharp-icon idle
share_while_connecting
fault '{"registration":"accept"}' >"$work/fault"
link=$(copied_link)
inside clipboard set "something else"
it "the open submenu gets the link" screen --click 1 --in $menu text "Copy Link"
it "it copies the link" inside clipboard wait "$link"
it "the menu opens" open_menu
inside screenshot "$pictures/gnome-large.png"
it "Quit is clicked" screen --click 1 --in $menu text "Quit Spot Serve"
it "the program ends" ended 0
finish
