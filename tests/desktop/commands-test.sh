#!/usr/bin/env bash
# Needs: desktop cloudflared netns
# The command line together with the tray: shares are handed over, listed and stopped, sites are
# shared, private folders need consent, and settings are loaded while the program runs.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$0")/lib.sh"

# command_ ARGUMENT...: runs a command as in a terminal on the desktop; its output is in the files
# said and complained.
command_() { inside "$program" "$@" >"$work/said" 2>"$work/complained"; }
said() { cat "$work/said"; }
complained() { grep -qF "$1" "$work/complained" || { cat "$work/complained"; return 1; }; }
# the_one: the process id of the program that holds the lock.
the_one() { cat "$run/rt/spot-serve/lock"; }
is_status() { local want=$1; shift; "$@"; equal "$want" $?; }
answers() { curl -fsS -o /dev/null "http://localhost:$1/" 2>/dev/null; }
visit_code() { curl -s -o "$work/page" -w '%{http_code}' -H "Host: ${link#https://}" "http://$(field .public)/"; }
listed() { command_ list --json && jq -e "$1" "$work/said" >/dev/null; }

open_edge
it "a desktop comes up" open_desktop whole
mkdir "$work/Holiday"
echo hello >"$work/Holiday/a.txt"

it "nothing is running, and list says so" is_status 0 command_ list
it "on standard error" complained "not running"
it "quit has nothing to do" is_status 0 command_ quit
it "nor has stop --all" is_status 0 command_ stop --all
it "a missing path can't be shared" is_status 1 command_ share "$work/nowhere"
it "and the error appears once" equal "Can't share $work/nowhere: there is no such file or folder." "$(cat "$work/complained")"

it "share starts the program" is_status 0 command_ share "$work/Holiday"
link=$(said)
it "only the link is on standard output" equal 1 "$(said | grep -cE '^https://[a-z0-9-]+\.trycloudflare\.com$')"
it "its local address comes first on standard error" equal local: "$(head -1 "$work/complained" | cut -d' ' -f1)"
it "a visitor gets its files" equal hello "$(visit a.txt)"
it "the tray shows the share" tray wait 'Holiday – *'
it "the same folder again has the same link" equal "$link" "$(command_ share "$work/Holiday"; said)"
it "a second start says that it is already running" inside sh -c "'$program' 2>&1 >/dev/null | grep -q 'is already running'"
it "list shows it" equal 1 "$(command_ list; grep -cF "$link" "$work/said")"
it "list --json shows it" listed ".[0].name == \"Holiday\" and .[0].state == \"online\" and .[0].link == \"$link\""
it "a share that does not exist can't be stopped" is_status 1 command_ stop Nothing
it "and the error names it" complained "Nothing is not shared"

# A development server that accepts only its own name, on its own port.
site_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
start_site() {
  python3 "$here/site.py" "$site_port" 8>&- 9>&- &
  site=$!
  within answers "$site_port"
}
start_site
it "the menu offers the site" tray wait "Share a Local Site>$site_port – python3*"
it "a site is shared by its port" is_status 0 command_ share "$site_port"
link=$(said)
it "it is requested under its own name" equal "asked for localhost:$site_port" "$(visit '')"
it "a web socket through the edge answers" inside "$here/echo_socket.py" "$(field .public)" "${link#https://}" hot-reload
kill "$site"; wait "$site" 2>/dev/null
it "the row says that nothing answers" tray wait "localhost:$site_port – nothing answers on port $site_port"
it "the menu is pictured" picture site-down
it "a visitor gets an explanation" equal 503 "$(visit_code)"
it "on a page" grep -q "running right now" "$work/page"
start_site
it "it recovers on its own" tray wait "localhost:$site_port – ${link#https://}"
it "at the same link" equal "asked for localhost:$site_port" "$(visit '')"
it "a site is stopped by its port" is_status 0 command_ stop "$site_port"
it "its row disappears" within has_no_row "localhost:$site_port – *"
kill "$site"; wait "$site" 2>/dev/null

mkdir -p "$work/Vault"
echo secret >"$work/Vault/mine.kdbx"
it "private files are not shared without consent" is_status 1 command_ share "$work/Vault"
it "but listed" complained "mine.kdbx"
it "--yes shares them" is_status 0 command_ share --yes "$work/Vault"
it "and they are stopped by their path" is_status 0 command_ stop "$work/Vault"
recent "$work/Vault" "$work/Holiday"

printf '[tunnel\n' >>"$run/cfg/spot-serve/config.toml"
it "broken settings are reported" inside notifications wait 'Spot Serve' 60
it "with the line" within grep -q 'line [0-9]' "$run/notifications.jsonl"

it "stop without a name stops the only share" is_status 0 command_ stop
it "and says which" complained 'Stopped sharing Holiday.'
it "the idle menu is pictured" picture idle
it "and nothing is left" listed 'length == 0'

first=$(the_one)
it "the running program is known" test -n "$first"
kill -KILL "$first"
it "it is gone" within is_gone "$first"
sed -i '$d' "$run/cfg/spot-serve/config.toml"
it "after a crash, share starts it again" is_status 0 command_ share "$work/Holiday"
it "quit ends it" is_status 0 command_ quit
it "and it is gone" within is_gone "$(the_one)"
inside "$program" >"$work/one" 2>&1 & inside "$program" >"$work/two" 2>&1 &
it "of two simultaneous starts, one runs" within sh -c "cat '$work/one' '$work/two' | grep -c 'is already running' | grep -qx 1"
recent "$work/Vault"
it "quit ends that, too" is_status 0 command_ quit

start_program
it "a private folder is clicked" tray click 'Recent Folders>Vault'
it "it asks first" inside notifications wait 'Share Vault anyway?' 60
it "the menu asks too" tray wait 'Vault – contains private files. Share anyway?'
it "it is pictured" picture asking
it "Share Anyway is clicked" tray click 'Vault – *>Share Anyway'
it "it is online" inside notifications wait 'Vault is online' 60
it "Diagnose is clicked" tray click 'Help>Diagnose…'
it "the report is opened" within grep -q 'diagnosis.txt' "$run/browser.log"
it "it says the same as the doctor" grep -q 'cloudflared' "$state/diagnosis.txt"
inside "$program" pick >"$work/picked" 2>&1 & picking=$!
dialog() { inside sh -c 'xdotool search --onlyvisible --class zenity || xdotool search --onlyvisible --name "[Ff]older"' >/dev/null; }
it "pick opens the dialog" within dialog
it "and waits until it is closed" kill -0 "$picking"
it "quit ends it while the dialog is open" is_status 0 command_ quit
it "pick ends as well" is_status 1 wait "$picking"
it "and says why" grep -q 'Spot Serve quit before it replied' "$work/picked"
it "the program exits with 0" ended 0
close_desktop
finish
