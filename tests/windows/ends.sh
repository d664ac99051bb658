# shellcheck shell=bash disable=SC2154
# Gone means gone: however the program ends, its cloudflared and its server end with it.

settings_are
mkdir -p "$drive/share"
# share_and_end HOW: starts the program, shares, and ends it with HOW.
share_and_end() {
  start_tray && spot_serve share 'C:\share' </dev/null >"$work/ended.out" 2>&1 || { cat "$work/ended.out"; return 1; }
  runs "$sidecar_program" || { echo "no cloudflared runs"; return 1; }
  local address
  address=$(spot_serve list --json 2>/dev/null | jq -r '.[0].local_link')
  curl -s -o /dev/null "$address" || { echo "nothing is served"; return 1; }
  "$@" || return 1
  within runs_not "$tray_program" && within runs_not "$sidecar_program" && ! curl -s -o /dev/null "$address"
}
kill_9() { kill -9 "$tray"; }
taskkill() { wine taskkill "$@" /im spot-serve.exe >/dev/null 2>&1; }

it "kill -9 of the program ends its cloudflared" share_and_end kill_9
it "so does taskkill" share_and_end taskkill
it "it was asked, and ended on its own" sh -c 'tail -1 "$1" | grep -q "cloudflared ended"' sh "$log"
it "so does taskkill /f" share_and_end taskkill /f
it "so does spot-serve quit, and waits for it" share_and_end spot_serve quit
