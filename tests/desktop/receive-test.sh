#!/usr/bin/env bash
# Needs: desktop cloudflared netns
# "Receive Files…" with a real dialog, files that come in, and "Visitors May Add Files": by menu labels,
# and what the user is told.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$0")/lib.sh"

title='Choose where Spot Serve puts received files'
dialog() { inside xdotool search --onlyvisible --name "^$title\$" 2>/dev/null | tail -1; }
dialog_is_open() { [ -n "$(dialog)" ]; }
no_dialog() { [ -z "$(dialog)" ]; }
key() { inside xdotool windowfocus --sync "$(dialog)" key "$1"; }
# A dialog that has just opened loses keys.
cancel() { key Escape; no_dialog; }
accept() { key Return; sleep 0.2; no_dialog; }
exists() { [ -e "$1" ]; }
# A file is in its folder a moment after it was acknowledged.
holds() { [ "$(cat "$2" 2>/dev/null)" = "$1" ]; }
# hand_in NAME CONTENT: what a visitor of $link sends with curl.
hand_in() { printf %s "$2" | visit "$1" -T -; }
status_is() { equal "$1" "$(visit_status "${@:2}")"; }
# visit_status PATH [CURL-OPTION...]: the status that a visitor of $link gets.
visit_status() {
  local path=$1; shift
  curl -sS --max-time 60 -o /dev/null -w '%{http_code}' -H "Host: ${link#https://}" "$@" "http://$(field .public)/$path"
}
status_becomes() { [ "$(visit_status "${@:2}")" = "$1" ]; }
opened() { grep -qxF -- "$1" "$run/browser.log"; }

open_edge
it "a desktop comes up" open_desktop whole
inbox="$run/home/Downloads/Received Files"
start_program
it "Receive Files… is clicked" tray click 'Receive Files…'
it "a dialog opens, and its title says what for" within dialog_is_open
it "the folder for received files is there to be chosen" exists "$inbox"
it "the dialog is cancelled" within cancel
it "nothing is shared" has_no_row 'Received Files – *'
it "the folder is gone again" within fails exists "$inbox"
it "Receive Files… is clicked again" tray click 'Receive Files…'
it "the dialog opens in the folder" within dialog_is_open
it "Return chooses it" within accept
it "a notification announces it" inside notifications wait 'Received Files is online' 60
link=$(copied_link)
it "visitors get a page" status_is 200 ''
it "the row is there" tray wait 'Received Files – *'
it "nobody may be kept from adding files" has_no_row 'Received Files – *>Visitors May Add Files'
it "a picture of the menu is taken" picture inbox 'Received Files'
it "a visitor hands in a file" hand_in plan.txt "a plan"
it "it is in the folder" within holds "a plan" "$inbox/plan.txt"
it "a notification says so" inside notifications wait '1 file (6 bytes) received for Received Files' 60
it "the notification is clicked" inside notifications click
it "the folder is opened" within opened "$inbox"
it "the menu says what has come in" tray wait 'Received Files – *>1 file (6 bytes) received'
head -c 40000000 /dev/zero >"$work/slow.bin"
visit slow.bin --limit-rate 4M -T "$work/slow.bin" >/dev/null &
slow=$!
it "the row shows how far a large file is" tray wait 'Received Files – receiving 1 file, *%'
it "a picture of the menu is taken" picture receiving 'Received Files'
it "the large file arrives" wait "$slow"
it "the row shows the link again" tray wait 'Received Files – *.trycloudflare.com'
it "a notification says so, and nothing of what the user has seen" inside notifications wait '1 file (40 MB) received for Received Files' 60
it "the first delivery is to end it" tray click 'Received Files – *>Stop After>First Complete Delivery'
it "the row says so" tray wait 'Received Files – * (ends after the next delivery)'
it "a visitor hands in the last file" hand_in last.txt "the end"
it "a notification says that it has ended" inside notifications wait 'Received Files has ended: 1 delivery' 60
it "the share is gone" within has_no_row 'Received Files – *'
it "the folder stays" exists "$inbox/last.txt"

mkdir "$work/Photos"
echo hello >"$work/Photos/a.txt"
recent "$work/Photos"
it "quit" inside "$program" quit
it "it has quit" ended 0
inside clipboard set nothing
start_program
it "a folder is shared" tray click 'Recent Folders>Photos'
it "a notification announces it" inside notifications wait 'Photos is online' 60
link=$(copied_link)
it "visitors can't add files" status_is 405 new.txt -T "$work/Photos/a.txt"
it "Visitors May Add Files is clicked" tray click 'Photos – *>Visitors May Add Files'
it "visitors can, under the same link" within status_becomes 201 new.txt -T "$work/Photos/a.txt"
it "they can't replace a file" hand_in a.txt other
it "which stays as it was" equal hello "$(cat "$work/Photos/a.txt")"
it "the other one is beside it" within holds other "$work/Photos/a (2).txt"
it "a picture of the menu is taken" picture two-way 'Photos'
it "Visitors May Add Files is clicked again" tray click 'Photos – *>Visitors May Add Files'
it "visitors can't any more" within status_becomes 405 more.txt -T "$work/Photos/a.txt"
it "quit ends it" inside "$program" quit
it "the program exits with 0" ended 0
close_desktop
finish
