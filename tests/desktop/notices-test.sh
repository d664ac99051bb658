#!/usr/bin/env bash
# Needs: desktop cloudflared netns
# What notifications offer and when there are none: buttons, one notification per share, a new link,
# a missing folder dialog, notifications switched off; and how often the menu changes.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$0")/lib.sh"

log=$work/whole/notifications.jsonl
# shown TITLE FIELD: a field of the newest notification with this title.
shown() { jq -es --arg title "$1" '[.[] | select(.event == "notify" and .summary == $title)] | last | '"$2" "$log"; }
# How often a notification with this title was shown.
count() { jq -s --arg title "$1" '[.[] | select(.event == "notify" and .summary == $title)] | length' "$log"; }
has_count() { [ "$(count "$1")" = "$2" ]; }

open_edge
it "a desktop comes up" open_desktop whole
mkdir "$work/Photos" "$work/Vault"
echo hello >"$work/Photos/a.txt"
echo secret >"$work/Vault/mine.kdbx"
recent "$work/Photos" "$work/Vault"
start_program
it "a folder is shared" tray click 'Recent Folders>Photos'
it "a notification announces it" inside notifications wait 'Photos is online' 60
link=$(copied_link)
it "the notification has its buttons" equal '["Open in Browser","Copy Link","Stop Sharing"]' "$(shown 'Photos is online' '[.actions[]]' | jq -c .)"
it "Copy Link is clicked in the menu" tray click 'Photos – *>Copy Link'
it "a notification says so" inside notifications wait 'Link to Photos copied' 60
it "in place of the previous notification" equal "$(shown 'Photos is online' .id)" "$(shown 'Link to Photos copied' .replaces)"
inside clipboard set "something else"
it "the button Copy Link is clicked" inside notifications click "Copy Link"
it "it copies the link" inside clipboard wait "$link"

it "the edge forgets the tunnel" fault "{\"forget\":\"${link#https://}\",\"cut\":\"all\"}"
it "a notification announces a new link" inside notifications wait 'Photos has a new link' 120
has_another() { local now; now=$(inside clipboard) && [[ $now == https://* && $now != "$link" ]]; }
it "the clipboard has it in place of the old one" within has_another
link=$(inside clipboard)
it "visitors are served under it" equal hello "$(visit a.txt)"
it "the button Stop Sharing is clicked" inside notifications click "Stop Sharing"
it "it stops the share" within has_no_row 'Photos – *'
it "and its notification is removed" within is_withdrawn 'Photos has a new link'

it "a private folder is clicked" tray click 'Recent Folders>Vault'
it "the program asks first" inside notifications wait 'Share Vault anyway?' 60
it "the button Share Anyway is clicked" inside notifications click "Share Anyway"
it "it is shared" inside notifications wait 'Vault is online' 60

# A burst of changes: the same share is started again and again.
inside timeout 55 dbus-monitor --session --profile "type='signal',interface='com.canonical.dbusmenu',member='LayoutUpdated'" >"$work/changes" 2>&1 &
monitor=$!
it "the menu's changes are watched" within grep -q NameAcquired "$work/changes"
for _ in $(seq 12); do
  inside "$program" stop --all >"$work/said" 2>&1
  inside "$program" share "$work/Photos" >"$work/said" 2>&1
done
# The times of the first and the last one in seconds, and how many there were.
paced() {
  awk '/LayoutUpdated/ { if (!n++) first = $2; last = $2 }
    END { printf "%d changes in %.1f s\n", n, last - first; exit !(n > 8 && n <= 4 * (last - first) + 6) }' "$work/changes"
}
it "the menu changes at most four times a second" paced
kill "$monitor" 2>/dev/null; wait "$monitor" 2>/dev/null

sed -i '1i [app]\nnotifications = false' "$run/cfg/spot-serve/config.toml"
it "it is stopped" inside "$program" stop --all
told=$(count 'Photos is online')
inside clipboard set "something else"
# Changed settings take a moment to load; a share before that is still announced.
silent() {
  local before
  before=$(count 'Photos is online')
  inside "$program" share "$work/Photos" >"$work/said" 2>&1
  has_count 'Photos is online' "$before" || { inside "$program" stop --all; return 1; }
}
it "notifications that were switched off are not shown" within silent
it "the link is still on the clipboard" inside clipboard wait 'https://*.trycloudflare.com'
it "quit ends it" inside "$program" quit
it "the program exits with 0" ended 0
it "there were notifications before" test "$told" -gt 0

sed -i 's/^notifications = false/notifications = true/' "$run/cfg/spot-serve/config.toml"
recent "$work/Vault"
start_program
it "a private folder is clicked again" tray click 'Recent Folders>Vault'
asked_again() { has_count 'Share Vault anyway?' 2; }
it "it asks again" within asked_again
printf '[tunnel\n' >>"$run/cfg/spot-serve/config.toml"
it "a notification reports broken settings" inside notifications wait 'Spot Serve' 60
sed -i '$d' "$run/cfg/spot-serve/config.toml"
it "and that they are fixed" within grep -q 'valid again' "$log"
tray click 'Quit Spot Serve'
it "the program exits with 0 while it asks" ended 0
it "and removes its question" is_withdrawn 'Share Vault anyway?'

start_program PATH=/nonexistent
it "the dialog is requested where there is none" tray click 'Share a Folder…'
it "a notification reports it" inside notifications wait 'No folder dialog' 60
it "with what to install" grep -q 'xdg-desktop-portal' <<<"$(shown 'No folder dialog' .body)"
tray click 'Quit Spot Serve'
it "the program exits with 0" ended 0
close_desktop
finish
