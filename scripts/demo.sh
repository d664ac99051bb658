#!/usr/bin/env bash
# Demonstrates Spot Serve offline: the real program and a real cloudflared, connected to the
# loopback edge, in a headless desktop and a network namespace with only loopback. Saves
# target/screenshots/menu.png (the menu and the notification) and page.png (the page that
# visitors see).
#
# usage: scripts/demo.sh
set -Eeuo pipefail
cd "$(dirname "$0")/.."
root=$PWD
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
name="Summer by the Sea"

# The part that runs inside the namespace and the desktop.
# usage: scripts/demo.sh --inside CLOUDFLARED
inside() {
  local cloudflared=$1 link app addresses
  PATH=$root/tests/desktop:$PATH

  # The edge exits when its standard input closes, so it ends with this script.
  coproc EDGE { "$target/debug/loopback-edge" --until-stdin-closes; }
  read -r addresses <&"${EDGE[0]}"
  field() { jq -r ".$1" <<<"$addresses"; }

  cp -r sample "$HOME/$name"
  mkdir -p "$XDG_CONFIG_HOME/spot-serve" "$XDG_STATE_HOME/spot-serve"
  jq -n --arg folder "$HOME/$name" '[$folder]' >"$XDG_STATE_HOME/spot-serve/recent.json"
  # As if it were not the first start.
  touch "$XDG_STATE_HOME/spot-serve/welcomed"
  cat >"$XDG_CONFIG_HOME/spot-serve/config.toml" <<EOF
[tunnel]
cloudflared = "$cloudflared"
service = "$(field api)"
args = $(jq -c ".args[:6]" <<<"$addresses")
EOF

  trap 'tail -n 20 "$XDG_STATE_HOME/spot-serve/spot-serve.log" >&2' ERR
  "$target/debug/spot-serve" &
  app=$!
  trayctl.py --wait 30 wait "Recent Folders>$name"
  echo "The icon is in the tray. Clicking Recent Folders > $name"
  trayctl.py click "Recent Folders>$name"
  notifications wait "$name is online" 60 | jq -r '"Notification: \(.summary): \(.body)"'
  link=$(clipboard wait 'https://*.trycloudflare.com*')
  trayctl.py --wait 30 wait "$name – *.trycloudflare.com"
  echo "On the clipboard: $link"

  # Open the share's submenu with the keyboard, which skips disabled rows.
  downs=$(trayctl.py menu-json |
    jq --arg row "$name – " '[.[] | select(.enabled)] | map(.label | startswith($row)) | index(true) + 1')
  open-menu
  # shellcheck disable=SC2046 # several arguments
  xdotool key $(printf 'Down %.0s' $(seq "$downs")) Right
  for _ in $(seq 100); do
    if [ "$(xdotool search --onlyvisible --class '^wrapper-2.0$' | wc -l)" -ge 3 ]; then break; fi
    sleep 0.05
  done
  screenshot "$target/screenshots/menu.png"
  xdotool key Escape Escape

  # A visitor's browser. It resolves the link's hostname to the edge's public side.
  timeout 90 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync \
    --user-data-dir="$HOME/chromium" --hide-scrollbars --window-size=1100,720 \
    --host-resolver-rules="MAP *.trycloudflare.com $(field public)" \
    --screenshot="$target/screenshots/page.png" "http://${link#https://}" >"$HOME/chromium.log" 2>&1 ||
    { tail -5 "$HOME/chromium.log"; return 1; }

  trayctl.py click "Quit Spot Serve"
  wait "$app"
  echo "Spot Serve has quit."
}
if [ "${1-}" = --inside ]; then inside "$2"; exit; fi

# shellcheck source=scripts/need-cargo.sh
. scripts/need-cargo.sh
scripts/install-test-packages.sh desktop chromium
cloudflared=$(tests/get-cloudflared.sh)
scripts/build-debug.sh >/dev/null
mkdir -p "$target/screenshots"
run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
# Don't wait forever if something hangs.
timeout 300 tests/in-netns.sh tests/desktop/desktop.sh "$run/desktop" "$root/scripts/demo.sh" --inside "$cloudflared"
if [ -s "$run/desktop/leftovers" ]; then
  echo "These processes should have ended, but are still running:" >&2
  cat "$run/desktop/leftovers" >&2
  exit 1
fi
echo "See $target/screenshots/menu.png and $target/screenshots/page.png"
