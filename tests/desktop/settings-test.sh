#!/usr/bin/env bash
# Needs: desktop cloudflared netns
# Passwords and limits, set from the menu under the same link, and what the user is told about them.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$0")/lib.sh"

status_is() { equal "$1" "$(visit_status "$2" "${@:3}")"; }
# visit_status PATH [CURL-OPTION...]: the status that a visitor of $link gets.
visit_status() {
  local path=$1; shift
  curl -sS --max-time 60 -o /dev/null -w '%{http_code}' -H "Host: ${link#https://}" "$@" "http://$(field .public)/$path"
}
status_becomes() { [ "$(visit_status "$2" "${@:3}")" = "$1" ]; }
set_to() { inside "$program" set | grep -qE "$1"; }

open_edge
it "a desktop comes up" open_desktop whole
mkdir "$work/Photos"
echo hello >"$work/Photos/a.txt"
recent "$work/Photos"
start_program
it "a folder is shared" tray click 'Recent Folders>Photos'
it "a notification announces it" inside notifications wait 'Photos is online' 60
link=$(copied_link)
it "everybody can see it" status_is 200 a.txt

it "Require a Password is clicked" tray click 'Photos – *>Require a Password'
it "a notification shows it" inside notifications wait 'New password for Photos' 60
it "visitors need it" status_is 401 a.txt
it "Copy Password is clicked" tray click 'Photos – *>Copy Password'
it "it has four words" inside clipboard wait '*-*-*-*'
password=$(inside clipboard)
it "it is the right one" status_is 200 a.txt -u "me:$password"
it "Copy Link with Password is clicked" tray click 'Photos – *>Copy Link with Password'
it "the link has it behind #" inside clipboard wait "$link/#password=$password"
it "a picture of the menu is taken" picture password 'Photos'
it "Require a Password is clicked again" tray click 'Photos – *>Require a Password'
it "nobody needs one any more" within status_becomes 200 a.txt
it "there is none to copy" has_no_row 'Photos – *>Copy Password'

it "an hour is chosen" tray click 'Photos – *>Stop After>1 Hour'
it "the row says what is left" tray wait 'Photos – * (1 h left)'
it "set says so too" set_to 'ends +in 1 h'
it "a picture of the menu is taken" picture stop-after 'Photos'
it "never is chosen" tray click 'Photos – *>Stop After>Never'
it "nothing is left of the hour" within set_to 'ends +never'

it "the first download is to end it" tray click 'Photos – *>Stop After>First Complete Download'
it "the row says so" tray wait 'Photos – * (ends after the next download)'
it "somebody looks at the page" status_is 200 ''
it "that ends nothing" has_row 'Photos – * (ends after the next download)'
it "somebody downloads" equal hello "$(visit a.txt)"
it "a notification says that it has ended" inside notifications wait 'Photos has ended: 1 download' 60
it "the share is gone" within has_no_row 'Photos – *'
it "the menu offers it again" has_row 'Share Photos Again'
it "a picture of the menu is taken" picture share-again
it "Share Again is clicked in the notification" inside notifications click "Share Again"
it "it is shared again" tray wait 'Photos – * (ends after the next download)'
again=$(inside "$program" share "$work/Photos")
it "with a new link" fails equal "$link" "$again"
it "quit ends it" inside "$program" quit
it "the program exits with 0" ended 0
close_desktop
finish
