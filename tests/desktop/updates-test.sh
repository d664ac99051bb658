#!/usr/bin/env bash
# Needs: desktop cloudflared netns
# Newer versions: nobody is asked unless the owner says so; what is new is told with where to get it; and a
# list of releases that isn't the maintainers', is old, huge or hostile is refused. Also the first start.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$0")/lib.sh"

releases=$work/releases
mkdir -p "$releases"
: >"$releases/requests"
echo good >"$releases/how"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=github.com \
  -addext subjectAltName=DNS:github.com -addext basicConstraints=critical,CA:FALSE \
  -keyout "$releases/key.pem" -out "$releases/cert.pem" 2>"$work/openssl.log" || cat "$work/openssl.log"
for name in own other; do minisign -G -W -f -p "$work/$name.pub" -s "$work/$name.key" >/dev/null; done
# feed VERSION [NOTE [DAYS-AGO [VALID-DAYS [KEY]]]]: what the server answers from now on.
feed() {
  jq -n --arg version "$1" --arg note "${2-Receive files from phones.}" \
    --arg signed "$(date -u -d "${3-0} days ago" +%FT%TZ)" --arg expires "$(date -u -d "${4-30} days" +%FT%TZ)" \
    '{format: 1, $signed, $expires, releases: [{$version, date: "2026-12-01", notes: [$note]}]}' >"$work/feed"
  minisign -S -s "$work/${5-own}.key" -m "$work/feed" -x "$work/feed.sig" >/dev/null
  cat "$work/feed.sig" "$work/feed" >"$releases/release"
}
asked() { wc -l <"$releases/requests"; }
/usr/bin/python3 "$here/release_server.py" "$releases" >"$work/proxy" 2>"$work/proxy.err" &
server=$!
until [ -s "$work/proxy" ]; do kill -0 "$server" || exit 1; sleep 0.05; done
environment=(https_proxy="http://127.0.0.1:$(<"$work/proxy")" SSL_CERT_FILE="$releases/cert.pem")
own=$work/program/spot-serve
it "the program believes a key of its own" /usr/bin/python3 "$root/tests/own_feed.py" "$program" "$(sed -n 2p "$work/own.pub")" "$own"

open_edge
it "a desktop comes up" open_desktop whole
check() { inside env "${environment[@]}" "$own" update check "$@"; }
# refuses WORDS: it fails, and says why.
refuses() {
  if check >"$work/said" 2>&1 || ! grep -qF "$1" "$work/said"; then cat "$work/said"; return 1; fi
}
said=$(inside "$program" update check 2>&1)
it "a program that knows no releases says so" grep -qF "doesn't know where its releases are" <<<"$said"

feed 0.1.0 "The first release." 2
it "this version is the newest" equal "Spot Serve 0.1.0 is the newest version." "$(check)"
it "the list of releases was asked for" equal "github.com:443 -" "$(cat "$releases/requests")"
feed 9.9.9 "Receive files from phones." 1
page=https://github.com/someone/spot-serve/releases/tag/v9.9.9
it "a newer one is told with what is new and where to get it" equal "Spot Serve 9.9.9 is available. This is 0.1.0.

New:
- Receive files from phones.

Get a package from the page of the release, or build it as you built this one.
$page" "$(check)"
echo tar >"$work/program/installed-as"
it "that depends on how this copy was installed" grep -q 'Get the .tar.gz' <(check)
it "scripts get the same" equal "0.1.0 9.9.9 tar false $page" "$(check --json | jq -r '[.current, .newest, .installed_as, .updated_by_shop, .page] | join(" ")')"

feed 0.1.0 "The first release." 2
it "an older list is refused" refuses "a newer one from"
feed 9.9.9 "a" 0 30 other
it "one that somebody else has signed is refused" refuses "isn't signed by the maintainers"
feed 9.9.9 "a" 0 -1
it "one that has expired is refused" refuses "it was valid until"
feed 9.9.9 "Get it from https://evil.example/"
it "one with a link to elsewhere is refused" refuses "a link to somewhere else"
feed 9.9.9 "$(printf 'a\033[2Jb')"
it "one that could steer a terminal is refused" refuses "characters that can't be seen"
it "and reaches no terminal" fails grep -q "$(printf '\033')" "$work/said"
head -c 300000 /dev/zero >"$releases/release"
it "a huge one is refused" refuses "larger than 256 kB"
echo missing >"$releases/how"
it "a missing one is reported" refuses "answered 404"
echo good >"$releases/how"

feed 9.9.9
program=$own
: >"$releases/requests"
rm "$state/welcomed"
start_program "${environment[@]}"
it "the icon is in the tray" tray wait
it "the first start says where it is" inside notifications wait 'Spot Serve is running' 60
it "and what to do" grep -q "in your desktop's panel. Click it" "$run/notifications.jsonl"
it "nobody was asked for updates" equal 0 "$(asked)"
it "Check for Updates… is clicked" tray click 'Help>Check for Updates…'
it "the newer version is told" inside notifications wait 'Spot Serve 9.9.9 is available' 60
it "with what is new" grep -q 'New: Receive files from phones.' "$run/notifications.jsonl"
it "its page is wanted" inside notifications click 'Open Release Page'
it "and opened" within grep -qxF "$page" "$run/browser.log"
it "one request was enough" equal 1 "$(asked)"
tray click 'Quit Spot Serve'
it "it quits" ended 0

printf '[app]\nupdate_check = "weekly"\n' >>"$run/cfg/spot-serve/config.toml"
told() { grep -c '"Spot Serve 9.9.9 is available"' "$run/notifications.jsonl"; }
start_program "${environment[@]}"
it "a weekly check asks at the start" within sh -c "[ \"\$(wc -l <'$releases/requests')\" = 2 ]"
told_again() { [ "$(told)" = 2 ]; }
it "and tells of the new version" within told_again
tray click 'Quit Spot Serve'
it "it quits again" ended 0
start_program "${environment[@]}"
tray wait
it "the owner asks once more after a restart" tray click 'Help>Check for Updates…'
told_thrice() { [ "$(told)" = 3 ]; }
it "and is told" within told_thrice
it "the restart itself asked nobody" equal 3 "$(asked)"
it "nobody is welcomed twice" equal 1 "$(grep -c '"Spot Serve is running"' "$run/notifications.jsonl")"
tray click 'Quit Spot Serve'
it "it quits in the end" ended 0
echo aur >"$work/program/installed-as"
rm "$state/update-check.json"
start_program "${environment[@]}"
tray wait
inside "$program" list >"$work/list" 2>&1
tray click 'Quit Spot Serve'
ended 0
it "a copy that a shop updates asks nobody" equal 3 "$(asked)"
it "and says that the setting has no effect" grep -q "update_check has no effect" <(inside "$program" config 2>&1)
kill "$server"
it "the desktop closes" close_desktop
finish
