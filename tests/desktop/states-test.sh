#!/usr/bin/env bash
# Needs: desktop cloudflared netns
# Menu, icon and notices in each state, with screenshots for people to look at; and real mouse
# clicks on a menu that changes.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$0")/lib.sh"

property() { tray props | jq -r "$1"; }
is_property() { [ "$(property "$1")" = "$2" ]; }
labels() { tray menu-json | jq -c "[.[] | select(.label == \"$1\").children[].label]"; }
# the_icon: prints X, Y, WIDTH and HEIGHT of the panel's window that holds the icons.
the_icon() {
  local window
  for window in $(inside xdotool search --onlyvisible --class '^wrapper-2.0$' 2>/dev/null); do
    eval "$(inside xdotool getwindowgeometry --shell "$window" 2>/dev/null)"
    if [ "${HEIGHT:-0}" -ge 24 ] && [ "$HEIGHT" -le 32 ]; then return 0; fi
  done
  return 1
}
# looks NAME COLOUR: the icon in the panel has this colour now. Saves a picture, enlarged six times.
looks() {
  local file=$pictures/icon-$1.png
  the_icon && inside screenshot "$work/screen.png" || return 1
  convert "$work/screen.png" -crop "${WIDTH}x$HEIGHT+$X+$Y" +repage "$work/icon.png"
  convert "$work/icon.png" -scale 600% "$file"
  convert "$work/icon.png" -unique-colors txt:- | grep -qF "$2"
}
# mouse_on LABEL: moves the mouse to this row of the open menu. Removed rows leave room at its end.
mouse_on() {
  local window above
  above=$(tray menu-json | jq --arg row "$1" '[.[] | select(.separator | not).label] | index($row)')
  for window in $(inside xdotool search --onlyvisible --class '^wrapper-2.0$'); do
    eval "$(inside xdotool getwindowgeometry --shell "$window")"
    if [ "$HEIGHT" -gt 40 ]; then
      inside xdotool mousemove $((X + 50)) $((Y + 16 + above * 49 / 2))
      return
    fi
  done
  return 1
}

GREY=#7B828A BLUE=#2B83D9 GREEN=#169C61 RED=#DC4337

open_edge
it "a desktop comes up" open_desktop dark
mkdir -p "$run/home"/{Pictures,Documents,Downloads,Desktop,Videos}
start_program
it "before anything was shared, the usual folders are offered" tray wait 'Recent Folders>Pictures'
it "all of them, and no others" equal '["Pictures","Documents","Downloads","Desktop",null,"Clear Recent Folders"]' "$(labels 'Recent Folders')"
it "the menu of a first start is pictured" picture first-start 'Recent Folders'
it "Clear Recent Folders is clicked" tray click 'Recent Folders>Clear Recent Folders'
it "the row disappears" within has_no_row 'Recent Folders'
it "the idle icon is grey" within looks dark-idle $GREY
it "there is a picture for every size of panel" equal "16 22 24 32 48" "$(property '[.IconPixmap[].width] | sort | map(tostring) | join(" ")')"
it "without installed icons there is no name" is_property .IconName ""
it "the tooltip says so" is_property .ToolTip.title "Spot Serve: nothing shared"
it "Quit is clicked" tray click 'Quit Spot Serve'
it "the program ends" ended 0

# dashboards N: whether the browser was given N addresses of the dashboard.
dashboards() { [ "$(grep -cxE 'http://127\.0\.0\.1:[0-9]+/#[A-Za-z0-9_-]{43}' "$run/browser.log")" = "$1" ]; }

long="A name that goes on and on, and on, and never comes to an end.d"
mkdir -p "$work"/{a,b}/Photos "$work/$long" "$work/R&D _x" "$work/Music" "$work"/$'tab\tand\nline'
recent "$work/a/Photos" "$work/b/Photos" "$work/$long" "$work/R&D _x" "$work"/$'tab\tand\nline' "$work/gone" "$work/Music"
start_program
it "two folders with the same name show their parent" tray wait "Recent Folders>Photos – $work/a"
it "both of them" tray wait "Recent Folders>Photos – $work/b"
it "a long name is shortened in the middle" tray wait 'Recent Folders>A name that goes on…r comes to an end.d'
it "markup is shown as text" tray wait 'Recent Folders>R&D _x'
it "a missing folder can't be clicked" equal false "$(within has_row 'Recent Folders>gone (missing)'; tray menu-json | jq '.. | objects | select(.label? == "gone (missing)").enabled')"
it "the recent folders are pictured" picture recent 'Recent Folders'

fault '{"registration":"hang"}' >"$work/fault"
it "a folder is shared" tray click "Recent Folders>Photos – $work/a"
it "its row shows the progress" tray wait 'Photos – connecting*'
it "the busy icon is blue" within looks dark-busy $BLUE
it "the icon is left-clicked" tray activate
it "the dashboard opens" within dashboards 1
it "it is pictured" picture connecting Photos
it "nothing is on the clipboard" fails inside clipboard
fault '{"registration":"accept"}' >"$work/fault"
it "it is online" inside notifications wait 'Photos is online' 60
link=$(copied_link)
it "its row has the link" tray wait "Photos – ${link#https://}"
it "the icon is green" within looks dark-online $GREEN
it "the tooltip counts" is_property .ToolTip.title "Spot Serve: 1 folder online"
it "it is pictured" picture online Photos
inside screenshot "$pictures/notification-online.png"

fault '{"api":"refused"}' >"$work/fault"
it "another folder is shared while the service refuses" tray click 'Recent Folders>Music'
it "it is on this computer only" tray wait 'Music – on this computer only'
it "and says so" inside notifications wait 'Music has no public link' 60
it "the icon has a red mark" within looks dark-problem $RED
it "it is pictured" picture local-only Music
it "its address is copied" tray click 'Music – *>Copy Local Address'
it "and a notification says so" inside notifications wait 'Local address of Music copied' 60
inside screenshot "$pictures/notification-problem.png"
it "Dashboard… is clicked" tray click 'Dashboard…'
it "it opens again" within dashboards 2
it "everything can be stopped at once" tray click 'Stop All Sharing'
it "the rows disappear" within has_no_row 'Photos – *trycloudflare.com'
fault '{"api":"normal"}' >"$work/fault"

# The button goes down on a row, the menu changes, and the button comes up.
it "a folder is shared" tray click 'Recent Folders>Music'
it "it is online" tray wait 'Music – *.trycloudflare.com'
inside open-menu
it "the mouse is on a row" within mouse_on 'Quit Spot Serve'
inside xdotool mousedown 1
fault '{"registration":"hang","cut":"all"}' >"$work/fault"
it "a row of the open menu changes" tray wait 'Music – reconnecting…'
it "the icon shows it" within looks dark-reconnecting $BLUE
inside screenshot "$pictures/menu-reconnecting.png"
it "the mouse button is released" inside xdotool mouseup 1
it "and the click does what its row said" ended 0

# Rows disappear while the menu is open, and the mouse clicks the row that moved under it.
fault '{"registration":"accept"}' >"$work/fault"
start_program
it "the icon is there" tray click 'Recent Folders>Music'
it "it is online" tray wait 'Music – *.trycloudflare.com'
inside open-menu
it "the share is stopped while the menu is open" tray click 'Music – *>Stop Sharing'
it "its row disappears" within has_no_row 'Music – *'
it "the mouse is on a row" within mouse_on 'Quit Spot Serve'
it "it is clicked" inside xdotool click 1
it "and does what it says" ended 0
close_desktop

it "a light desktop comes up" open_desktop light --light
recent "$work/Music" "$work/b/Photos"
start_program
it "the icon is there" tray wait
it "the idle icon is on a light panel" within looks light-idle $GREY
it "a folder is shared" tray click 'Recent Folders>Music'
it "the icon is online on a light panel" within looks light-online $GREEN
fault '{"api":"refused"}' >"$work/fault"
it "another folder is shared while the service refuses" tray click 'Recent Folders>Photos'
it "the icon has its red mark on a light panel" within looks light-problem $RED
it "the menu is pictured" picture light Music
it "Quit is clicked" tray click 'Quit Spot Serve'
it "the program ends" ended 0
close_desktop

# As when installed: icons by name, and a panel that shows them in its own colour.
fault '{"api":"normal"}' >"$work/fault"
mkdir -p "$work/place/bin"
cp "$program" "$work/place/bin/"
"$root/icons/install.sh" "$work/place/share"
program=$work/place/bin/spot-serve
it "a desktop with symbolic icons comes up" open_desktop symbolic --symbolic
recent "$work/Music"
start_program
it "the icon has a name" tray wait
it "which is that of its state" within is_property .IconName spot-serve-idle
it "and the path of its pictures" is_property .IconThemePath "$work/place/share/icons"
it "a folder is shared" tray click 'Recent Folders>Music'
it "it is online" tray wait 'Music – *.trycloudflare.com'
it "the name changes with the state" within is_property .IconName spot-serve-online
it "the panel shows it in its own colour" fails looks symbolic-online $GREEN
it "and it is visible" test "$(convert "$work/icon.png" -unique-colors txt:- | wc -l)" -gt 5
it "Quit is clicked" tray click 'Quit Spot Serve'
it "the program ends" ended 0
close_desktop
finish
