#!/usr/bin/env bash
# Needs: desktop cloudflared netns
# With `resume = true`, a program that was killed shares the same folder again under the same link,
# and stopped shares stay stopped.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$0")/lib.sh"

online() { [ "$(grep -c "\"$1 is online\"" "$run/notifications.jsonl")" -ge "$2" ]; }
api_requests() { curl -fsS "$(field .control)/stats" | jq .api_requests; }

open_edge
mkdir -p "$work/Photos" "$work/Music"
echo hello >"$work/Photos/a.txt"
it "a desktop comes up" open_desktop whole
printf '[app]\nresume = true\n' >>"$run/cfg/spot-serve/config.toml"
recent "$work/Photos" "$work/Music"
start_program
it "a folder is shared" tray click 'Recent Folders>Photos'
it "it is online" within online Photos 1
link=$(copied_link)
it "another folder is shared" tray click 'Recent Folders>Music'
it "it is online, too" within online Music 1
it "the other folder is stopped" tray click 'Music*>Stop Sharing'
it "its row disappears" within has_no_row 'Music*'
it "its secret is deleted, the other one kept" within jq -e 'length == 1' "$state/resume.json"
it "readable only by its owner" equal 600 "$(stat -c %a "$state/resume.json")"
it "it is a secret" grep -q secret "$state/resume.json"

cloudflared=$(sidecar)
kill -KILL "$pid"; wait "$pid" 2>/dev/null
it "a killed program takes cloudflared with it" within is_gone "$cloudflared"
it "visitors are not served then" fails visit a.txt
inside clipboard set "something else"
start_program
it "the killed program's folder gets its old link" tray wait "Photos – ${link#https://}>Copy Link"
it "it is reported" within online Photos 2
it "the link is on the clipboard" inside clipboard wait "$link"
it "a visitor is served under the old link" equal hello "$(visit a.txt)"
it "the folder that was stopped is not shared again" has_no_row 'Music*'
it "only one link was requested for each folder" equal 2 "$(api_requests)"

it "Quit is clicked" tray click 'Quit Spot Serve'
it "the program ends" ended 0
start_program
it "the icon is there again" tray wait
it "folders that were shared at a quit are not shared again" has_no_row 'Photos*'
it "no secret is kept" fails grep -q secret "$state/resume.json"
it "Quit is clicked again" tray click 'Quit Spot Serve'
it "the program ends again" ended 0

curl -fsS -X POST -d '{"api":"refused"}' "$(field .control)/fault" >"$work/fault"
start_program
it "a folder that gets no link is shared" tray click 'Recent Folders>Music'
it "it is on this computer only" tray wait 'Music – on this computer only'
kill -TERM "$pid"
it "the session ends" ended 0
curl -fsS -X POST -d '{"api":"normal"}' "$(field .control)/fault" >"$work/fault"
start_program
it "a folder that never had a link is shared again" tray wait 'Music – *.trycloudflare.com'
it "its secret is kept" within grep -q secret "$state/resume.json"
sed -i 's/^resume = true/resume = false/' "$run/cfg/spot-serve/config.toml"
it "the secret is deleted when resume is switched off" within fails grep -q secret "$state/resume.json"
sed -i 's/^resume = false/resume = true/' "$run/cfg/spot-serve/config.toml"
it "it is there again when it is switched on" within grep -q secret "$state/resume.json"
kill -KILL "$pid"; wait "$pid" 2>/dev/null
sed -i 's/^resume = true/resume = false/' "$run/cfg/spot-serve/config.toml"
start_program
it "if resume was switched off in between, nothing is shared" tray wait 'Recent Folders>Music'
it "there is no row" has_no_row 'Music – *'
it "and no secret is left" fails test -e "$state/resume.json"
it "Quit is clicked one last time" tray click 'Quit Spot Serve'
it "the program ends" ended 0
it "the desktop closes" close_desktop
finish
