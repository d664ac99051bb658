# Sourced after lib.sh by the suites of this directory: do_job is what all of them test. A suite replaces
# the functions that are different on its desktop.
#
# The suite has set, as X,Y,W,H:
#   menu          where the menu is
#   submenu       where the submenu of a share is
#   notices       where notifications are, without parts that move
#   large_menu    where the menu is with scale 2 and from right to left
# and
#   notice        a place on a notification, as X Y
#   panel         the program that shows the icons
#   no_clipboard_manager   why the link leaves the clipboard with the program, if it does
#   no_scale      why the desktop can't have scale 2, if it can't
#   log_out       a function that ends the session
#   enlarge       a function that sets what the next session needs to have scale 2 and run from right to left
# shellcheck shell=bash disable=SC2034,SC2154

open_menu() { screen --click 3 icon && screen --in "$menu" text "Quit Spot Serve"; }
close_menu() { inside xdotool key Escape Escape; }
picture() { inside screenshot "$pictures/$desktop-$1.png"; }
# is_up: the desktop is complete.
is_up() { shows_icons; }
is_registered() { tray --item spot-serve items; }
# doctor_finds CHECK...: it says that each of these works.
doctor_finds() {
  local check
  inside spot-serve doctor --json >"$work/doctor"
  for check; do
    jq -e --arg check "$check" 'any(.checks[]; .check == $check and .level == "ok")' "$work/doctor" >/dev/null ||
      { jq -c --arg check "$check" '.checks[] | select(.check == $check)' "$work/doctor"; return 1; }
  done
}
# copies_link COMMAND...: it puts the link on the clipboard.
copies_link() {
  forget_link && "$@" && inside clipboard wait "$link"
}
click_copy_link() { screen --click 1 --in "$submenu" text "Copy Link"; }
# forget_link: so that the next link on the clipboard is a new one.
forget_link() { inside clipboard set "something else"; }
share_folder() { inside spot-serve share --desktop "$1" >>"$work/said" 2>&1; }
stop_all() { inside spot-serve stop --all >>"$work/said" 2>&1; }

# A folder is shared with the pointer, and its submenu has the link: whether it was open meanwhile or not.
test_main_job() {
  it "the icon is registered" is_registered
  it "the icon is drawn" screen icon idle
  it "doctor finds the parts of the desktop" doctor_finds tray notifications "folder dialog" clipboard
  share_while_connecting
  picture submenu
  fault '{"registration":"accept"}' >"$work/fault"
  link=$(copied_link)
  it "the open submenu gets the link and copies it" copies_link click_copy_link
  it "the icon shows that it is online" screen icon online
  it "a visitor is served" equal hello "$(visit a.txt)"
  stop_all
  it "the icon is as before" screen icon idle
  fault '{"registration":"hang"}' >"$work/fault"
  share_folder "$HOME/Pictures/Holiday" &
  it "the icon shows that it is connecting" screen icon busy
  it "the menu opens" open_menu
  it "the submenu of the share opens" screen --click 1 --in "$menu" text "Holiday"
  it "it has no link yet" screen --in "$menu" text "Copy Local Address"
  close_menu
  forget_link
  fault '{"registration":"accept"}' >"$work/fault"
  link=$(copied_link)
  it "the icon shows that it is online" screen icon online
  it "the menu opens" open_menu
  it "the submenu opens again" screen --click 1 --in "$menu" text "Holiday"
  it "it has got the link while it was closed, and copies it" copies_link click_copy_link
  picture submenu-again
  close_menu
  stop_all
}
# The notification is announced on the screen; a click on its button does what it says.
test_notification() {
  forget_link
  # A notification under the pointer stays.
  inside xdotool mousemove "${notice[@]}"
  share_folder "$HOME/Pictures/Holiday"
  link=$(copied_link)
  it "a folder that a command shares is announced on the screen" screen --in "$notices" text "is online"
  picture notification
  click_notification
  stop_all
}
click_notification() {
  it "a click on the notification's button copies the link" copies_link screen --click 1 --in "$notices" text "Copy Link|Copy"
}
# dialog_opens: the window of the dialog for folders.
dialog_opens() { inside timeout 60 xdotool search --sync --onlyvisible --name "^Share a Folder"; }
test_dialog() {
  it "the menu opens" open_menu
  it "Share a Folder is clicked" screen --click 1 --in "$menu" text "Share a Folder...|a Folder..."
  it "a dialog for folders opens" dialog_opens
  picture dialog
  inside xdotool key Escape
}
# The program is started with the next session, and ends with it.
enable_at_login() {
  it "the menu opens" open_menu
  it "Launch at Login is clicked" screen --click 1 --in "$menu" text "Launch at Login"
  await "it is on" test -s "$HOME/.config/autostart/spot-serve.desktop"
  close_menu
}
test_login() {
  enable_at_login
  it "the person logs out" log_out
  it "the program ends with the session" ended 0
  close_login
  it "the person logs in again" log_in
  it "the desktop starts the program at the next login" screen icon idle
}
restart_panel() {
  local before
  before=$(pgrep -u desktop -x "$panel") && pkill -KILL -u desktop -x "$panel" && within is_gone "$before"
}
# Many shares are in a menu that can be used, also after a restart of the panel.
test_many() {
  local number
  for number in 01 02 03 04 05 06 07 08 09 10; do
    mkdir -p "$HOME/Documents/Project $number"
    share_folder "$HOME/Documents/Project $number" || break
  done
  it "ten folders are shared" screen icon online
  it "the panel ends" restart_panel
  it "the icon comes back with the next panel" screen icon online
  it "its menu opens" open_menu
  it "it has the first of ten shares" screen --in "$menu" text "Project 01"
  picture ten
  it "it has the last of them" screen --in "$menu" text "Project 10"
  link=$(copied_link)
  it "Quit is clicked" screen --click 1 --in "$menu" text "Quit Spot Serve"
  await "the program ends" fails pgrep -u desktop -x spot-serve
  it "the icon is gone" screen no-icon online
  if [ -n "${no_clipboard_manager-}" ]; then
    skip "the link stays on the clipboard" "$no_clipboard_manager"
  else
    it "the link stays on the clipboard" inside clipboard wait "$link"
  fi
}
# On a fine screen, and in a language that is written from right to left.
test_large() {
  local scale=2
  if [ -n "${no_scale-}" ]; then skip "scale 2" "$no_scale"; scale=1; fi
  it "the person logs out" log_out
  close_login
  screen=$((1024 * scale))x$((700 * scale)) menu=$large_menu session_env+=("SCALE=$scale")
  enlarge
  it "a session begins with scale $scale and from right to left" log_in
  it "the icon is drawn" screen icon idle
  it "its menu opens" open_menu
  picture large
  close_menu
}

do_job() {
  open_edge
  prepare_folder Holiday
  it "a session begins" log_in
  await "the panel shows icons" is_up
  start_program
  test_main_job
  test_notification
  test_dialog
  test_login
  test_many
  test_large
}
