#!/usr/bin/env bash
# Needs: desktop cloudflared netns
# The program's main job: a click in the tray, a link on the clipboard, a visitor who downloads,
# and nothing left at the end.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$0")/lib.sh"

open_edge
mkdir -p "$work/Photos" "$work/Music"
head -c 200000000 /dev/urandom >"$work/Photos/video.bin"
echo hello >"$work/Music/song.txt"
sum=$(sha256sum <"$work/Photos/video.bin")

it "a desktop comes up" open_desktop whole
recent "$work/Photos" "$work/Music" "$work/gone"
start_program
it "the icon is in the tray" tray wait
it "no window is opened" equal "" "$(inside xdotool search --onlyvisible --pid "$pid" 2>/dev/null)"
it "a missing recent folder can't be clicked" within has_row 'Recent Folders>gone (missing)'
it "a second start says that it is already running" inside sh -c "'$program' 2>&1 >/dev/null | grep -q 'is already running (process $pid)'"
it "a second start exits with 0" inside "$program"

it "a recent folder is clicked" tray click 'Recent Folders>Photos'
it "a notification says that it is online" inside notifications wait 'Photos is online' 60
link=$(copied_link)
it "the link is on the clipboard" grep -qxE 'https://[a-z]+(-[a-z]+)+\.trycloudflare\.com' <<<"$link"
it "the notification has the link" grep -qF "$link" "$run/notifications.jsonl"
it "the menu has the link" tray wait "Photos – ${link#https://}>Copy Link"
it "a visitor sees the folder's files" sh -c "$(declare -f visit field); link=$link work=$work; visit '' | grep -q video.bin"
it "a visitor downloads 200 MB completely" equal "$sum" "$(visit video.bin | sha256sum)"
it "a click on the notification" inside notifications click
it "opens the link in the browser" within grep -qxF "$link" "$run/browser.log"
inside clipboard set "something else"
it "Copy Link is clicked" tray click "Photos – ${link#https://}>Copy Link"
it "Copy Link copies the link" inside clipboard wait "$link"
it "Open Folder is clicked" tray click "Photos – ${link#https://}>Open Folder"
it "Open Folder opens the folder" within grep -qxF "$work/Photos" "$run/browser.log"

it "a second folder is shared" tray click 'Recent Folders>Music'
it "it gets a link of its own" inside notifications wait 'Music is online' 60
it "now everything can be stopped at once" tray wait 'Stop All Sharing'
it "one share is stopped alone" tray click 'Music*>Stop Sharing'
it "and its notification is removed" within is_withdrawn "Music is online"
it "its row disappears" within has_no_row 'Music*'
it "the other one is still served" visit '' -o "$work/page"

cloudflared=$(sidecar)
it "one cloudflared runs" kill -0 "$cloudflared"
it "Quit is clicked while a visitor downloads" sh -c "$(declare -f visit field); link=$link work=$work
  visit video.bin --limit-rate 1M -o /dev/null 2>/dev/null &
  timeout 60 '$here/bin/in-desktop' '$run' '$here/trayctl.py' click 'Quit Spot Serve' 8>&- 9>&-"
it "the program exits with 0" ended 0
it "cloudflared is gone" within is_gone "$cloudflared"
it "the icon is gone" fails inside "$here/trayctl.py" --wait 0 wait
it "the link no longer answers" fails visit '' -o /dev/null

start_program
it "the shared folder is the first recent folder" within sh -c "jq -e '.[1] == \"$work/Photos\"' '$state/recent.json'"
it "it is shared again" tray click 'Recent Folders>Photos'
it "it is online again" within sh -c "grep -c '\"Photos is online\"' '$run/notifications.jsonl' | grep -qx 2"
cloudflared=$(sidecar)
kill -KILL "$pid"; wait "$pid" 2>/dev/null
it "a killed program takes cloudflared with it" within is_gone "$cloudflared"
start_program
it "files left by a killed program are no obstacle" tray wait
tray click 'Quit Spot Serve'
it "it quits again" ended 0

# A name that looks like markup and commands.
# shellcheck disable=SC2016
hostile='<i a & b &amp; $(x) _c'
mkdir "$work/$hostile"
recent "$work/$hostile"
start_program
it "a hostile name is shown unchanged in the menu" tray wait "Recent Folders>$hostile"
tray click "Recent Folders>$hostile"
it "a hostile name is online" inside notifications wait "$hostile is online" 60
inside screenshot "$pictures/notification-hostile.png"

# Rows disappear and appear while the menu is open, so that Quit moves.
it "the row has its link" tray wait "$hostile – *.trycloudflare.com"
inside open-menu
it "the share is stopped while the menu is open" tray click "$hostile*>Stop Sharing"
it "the row disappears while the menu is open" within has_no_row "$hostile*"
it "the last row of the open menu is clicked" inside xdotool key Up Return
it "and does what it says" ended 0
it "the desktop closes" close_desktop
finish
