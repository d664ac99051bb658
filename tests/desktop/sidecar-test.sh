#!/usr/bin/env bash
# Needs: desktop cloudflared netns
# The program without cloudflared: its menu offers the download and shows the progress, and every
# share that waited for it goes online. The release comes through a proxy, as in an office.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$0")/lib.sh"

releases=$work/releases
mkdir -p "$releases" "$work/empty" "$work/Photos" "$work/Music"
echo hello >"$work/Photos/a.txt"
cp "$SPOT_SERVE_TEST_CLOUDFLARED" "$releases/release"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=github.com \
  -addext subjectAltName=DNS:github.com -addext basicConstraints=critical,CA:FALSE \
  -keyout "$releases/key.pem" -out "$releases/cert.pem" 2>"$work/openssl.log" || cat "$work/openssl.log"
how() { echo "$1" >"$releases/how.new" && mv "$releases/how.new" "$releases/how"; }
asked() { wc -l <"$releases/requests"; }
: >"$releases/requests"
how good
/usr/bin/python3 "$here/release_server.py" "$releases" >"$work/proxy" 2>"$work/proxy.err" &
server=$!
until [ -s "$work/proxy" ]; do kill -0 "$server" || exit 1; sleep 0.05; done
# A proxy for other hosts; this computer is never reached through a proxy.
environment=(PATH="$work/empty" https_proxy="http://127.0.0.1:$(<"$work/proxy")" SSL_CERT_FILE="$releases/cert.pem")
megabytes=$((($(wc -c <"$releases/release") + 500000) / 1000000))
offer="Download cloudflared ($megabytes MB)…"
notices() { grep -c "\"$1\"" "$run/notifications.jsonl"; }
told() { [ "$(notices "$1")" -ge "$2" ]; }

own=$work/installed/bin/spot-serve
it "the program is installed without its cloudflared" /usr/bin/python3 "$root/tests/own_pin.py" "$program" "$SPOT_SERVE_TEST_CLOUDFLARED" "$own"
program=$own
open_edge
it "a desktop comes up" open_desktop whole
sed -i '/^cloudflared = /d' "$run/cfg/spot-serve/config.toml"
recent "$work/Photos" "$work/Music"
data=$run/data/spot-serve
start_program "${environment[@]}"
it "a folder is shared" tray click 'Recent Folders>Photos'
it "a notification says that there is no link" inside notifications wait 'Photos has no public link' 60
it "its submenu offers the download with its size" tray wait "Photos – on this computer only>$offer"

how missing
it "the notification asks" grep -q "can do that for you now ($megabytes MB)" "$run/notifications.jsonl"
it "nothing was requested without an answer" equal 0 "$(asked)"
it "the question is answered with yes" inside notifications click "Download ($megabytes MB)"
it "a missing release is reported" within told "Couldn't download cloudflared" 1
it "with what to do" grep -qF 'Try again later.' "$run/notifications.jsonl"
it "the row comes back" tray wait "Photos*>$offer"
how good
echo tampered | dd of="$releases/release" conv=notrunc status=none
it "a different program is downloaded" tray click "Photos*>$offer"
it "it is refused" within told "Couldn't download cloudflared" 2
it "nothing of it is left" equal cloudflared.lock "$(ls "$data")"
cp "$SPOT_SERVE_TEST_CLOUDFLARED" "$releases/release"

it "a second folder is shared" tray click 'Recent Folders>Music'
it "it offers the download, too" tray wait "Music – on this computer only>$offer"
how wait
before=$(asked)
it "the download is requested again" tray click "Photos*>$offer"
tray --wait 0 click "Music*>$offer" 2>/dev/null
running="Downloading cloudflared… 12 of $megabytes MB"
it "the row shows the progress" tray wait "Photos*>$running"
it "the other share's row shows the same" tray wait "Music*>$running"
it "it can't be clicked" fails tray --wait 0 click "Photos*>$running"
it "there is only one download" equal $((before + 1)) "$(asked)"
it "12 MB have arrived" within sh -c "[ \"\$(cat '$data'/*.part | wc -c)\" = 12000000 ]"
it "Quit is clicked while it runs" tray click 'Quit Spot Serve'
it "the program ends at once" ended 0
it "the downloaded part is kept" equal 12000000 "$(cat "$data"/*.part | wc -c)"

start_program "${environment[@]}"
tray click 'Recent Folders>Photos'
tray click 'Recent Folders>Music'
tray wait "Music – on this computer only>$offer"
it "the download is requested one last time" tray click "Photos – on this computer only>$offer"
it "it continues where it stopped" tray wait "Photos*>$running"
it "by requesting the rest" equal "github.com:443 range: bytes=12000000-" "$(tail -1 "$releases/requests" | tr R r)"
how good
it "the first share goes online on its own" inside notifications wait 'Photos is online' 60
it "so does the second share" inside notifications wait 'Music is online' 60
link=$(jq -r 'select(.summary == "Photos is online").body' "$run/notifications.jsonl" | head -1)
it "a visitor is served" equal hello "$(visit a.txt)"
it "the menu offers no download" has_no_row "Photos*>$offer"
run_downloaded() {
  [ "$(for each in $(ps -o pid= --ppid "$pid"); do readlink "/proc/$each/exe"; done | grep -c "^$data/")" = 2 ]
}
it "the downloaded cloudflared runs for both" within run_downloaded
it "Quit is clicked" tray click 'Quit Spot Serve'
it "the program ends" ended 0

it "the command line verifies it" inside env "${environment[@]}" "$program" sidecar verify
rm -r "$data"
start_program "${environment[@]}"
tray wait
# share_at_terminal ANSWER: shares from a terminal on which the person answers with this.
share_at_terminal() {
  status=0
  inside env "${environment[@]}" /usr/bin/python3 "$here/bin/at-terminal" "$1" "$program" share "$work/Music" >"$work/typescript" || status=$?
  inside "$program" stop --all 2>/dev/null
}
before=$(asked)
inside env "${environment[@]}" "$program" share "$work/Music" </dev/null >"$work/said" 2>&1
it "where nobody can answer, nothing is asked" equal "3 $before" "$? $(asked)"
it "but it says what to do" grep -qF 'Run `spot-serve sidecar fetch`' "$work/said"
inside "$program" stop --all 2>/dev/null
share_at_terminal n
it "a terminal asks once" equal 1 "$(grep -cF "Download it from github.com now ($megabytes MB)? [Y/n]" "$work/typescript")"
it "with no for an answer, nothing is downloaded" equal "3 $before" "$status $(asked)"
share_at_terminal ''
it "Enter alone downloads it" equal "0 $((before + 1))" "$status $(asked)"
it "with progress" grep -qF "of $megabytes." "$work/typescript"
it "and the link works" grep -q 'https://.*trycloudflare.com' "$work/typescript"
tray click 'Quit Spot Serve'
ended 0
rm -r "$data"
it "the command line downloads it through the proxy" inside env "${environment[@]}" "$program" sidecar fetch
it "it is the right one" cmp "$releases/release" "$data"/cloudflared-*-linux-gnu
kill "$server"
rm -r "$data"
for scheme in https socks5; do
  said=$(inside env "${environment[@]}" https_proxy="$scheme://127.0.0.1:1" "$program" sidecar fetch 2>&1)
  it "a proxy with $scheme:// is an error" equal 1 $?
  it "and says which can be used" grep -qiF "the proxy $scheme://127.0.0.1:1 can't be used (only http:// proxies are supported)" <<<"$said"
done
it "nothing was installed then" fails compgen -G "$data/cloudflared-*-gnu"
it "the desktop closes" close_desktop
finish
