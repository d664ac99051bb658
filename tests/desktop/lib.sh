# Sourced by the suites that run the program in the test desktop. The whole suite runs in a network
# namespace that has only loopback.
# shellcheck shell=bash
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
root=$(realpath "$here/../..")
if [ -z "${LOOPBACK_EDGE_IN_NAMESPACE-}" ]; then
  SPOT_SERVE_TEST_CLOUDFLARED=$("$root/tests/get-cloudflared.sh") || exit 1
  export SPOT_SERVE_TEST_CLOUDFLARED
  exec "$root/tests/in-netns.sh" "$0" "$@"
fi
# shellcheck source=tests/report.sh
. "$root/tests/report.sh"
target=$(realpath -m "${CARGO_TARGET_DIR:-$root/target}")
if [ -z "${SPOT_SERVE_DESKTOP_TREE-}" ]; then "$root/scripts/build-debug.sh" >/dev/null || exit 1; fi
program=${SPOT_SERVE_PROGRAM:-$target/debug/spot-serve}
work=$(mktemp -d)
trap 'exec 8>&- 9>&-; wait; rm -rf "$work"' EXIT

# open_edge: starts an edge; field NAME prints a field of its JSON line.
open_edge() {
  mkfifo "$work/edge.stdin"
  "$target/debug/loopback-edge" --until-stdin-closes <"$work/edge.stdin" >"$work/edge.json" 2>"$work/edge.err" 9>&- 8>&- &
  exec 9>"$work/edge.stdin"
  until [ -s "$work/edge.json" ]; do
    kill -0 $! || { cat "$work/edge.err"; exit 1; }
    sleep 0.05
  done
}
field() { jq -r "$1" "$work/edge.json"; }
fault() { curl -fsS -X POST -d "$1" "$(field .control)/fault"; }

# open_desktop NAME [OPTION...]: starts one that runs until close_desktop; its directory is in $run.
open_desktop() {
  run=$work/$1; shift
  mkfifo "$run.stdin"
  "$here/desktop.sh" "$@" "$run" <"$run.stdin" >"$run.said" 2>&1 9>&- &
  desktop_pid=$!
  exec 8>"$run.stdin"
  until grep -q ready "$run.said"; do
    kill -0 "$desktop_pid" || { cat "$run.said"; return 1; }
    sleep 0.05
  done
  state=$run/state/spot-serve
  mkdir -p "$state" "$run/cfg/spot-serve"
  # As if it were not the first start.
  touch "$state/welcomed"
  cat >"$run/cfg/spot-serve/config.toml" <<EOF
[tunnel]
cloudflared = "$SPOT_SERVE_TEST_CLOUDFLARED"
service = "$(field .api)"
args = $(jq -c '.args[:6]' "$work/edge.json")
EOF
}
close_desktop() { exec 8>&-; wait "$desktop_pid"; }

# inside COMMAND...: runs it in the desktop. Descriptors 8 and 9 keep the desktop and the edge open.
inside() { timeout 150 "$here/bin/in-desktop" "$run" "$@" 8>&- 9>&-; }
tray() { inside "$here/trayctl.py" "$@"; }
# copied_link: the link on the clipboard.
copied_link() { inside clipboard wait 'https://*'; }

# recent FOLDER...: sets what "Recent Folders" offers.
recent() { jq -n '$ARGS.positional' --args "$@" >"$state/recent.json"; }

# start_program [VARIABLE=VALUE...]: starts the program; its process id is in $pid.
start_program() {
  "$here/bin/in-desktop" "$run" env "$@" "$program" >"$run/program.out" 2>&1 8>&- 9>&- &
  pid=$!
}

is_gone() { ! kill -0 "$1" 2>/dev/null; }

# sidecar: prints the process id of the program's only cloudflared. There may be two for a moment,
# one of which is ending.
sidecar() {
  within one_sidecar >&2
  ps -o pid= --ppid "$pid" | tr -d ' '
}
one_sidecar() { [ "$(ps -o pid= --ppid "$pid" | wc -l)" = 1 ]; }

# ended STATUS: waits until the program has ended on its own with this exit status.
ended() { within is_gone "$pid" || { kill -KILL "$pid"; return 1; }; wait "$pid"; equal "$1" $?; }

# has_row LABEL: the menu has such a row now. has_no_row: it answers, and has no such row.
has_row() { tray --wait 0 wait "$1" >/dev/null 2>&1; }
has_no_row() {
  local status=0
  tray --wait 0 wait "$1" >/dev/null 2>&1 || status=$?
  [ $status = 1 ]
}

# visit PATH [CURL-OPTION...]: requests it as a visitor of $link, through the edge.
visit() {
  local path=$1; shift
  # shellcheck disable=SC2154 # the suite's own
  curl -fsS --max-time 300 -H "Host: ${link#https://}" "$@" "http://$(field .public)/$path"
}

pictures=$target/screenshots
mkdir -p "$pictures"
# picture NAME [LABEL]: takes a screenshot of the open menu, with the submenu of the row that begins
# with LABEL, for people to look at.
picture() {
  inside open-menu || return 1
  if [ $# -gt 1 ]; then open_row "$2" || return 1; fi
  inside screenshot "$pictures/menu-$1.png" && inside xdotool key Escape Escape && within no_menu
}
open_row() {
  local downs
  downs=$(tray menu-json | jq --arg row "$1" '[.[] | select(.enabled)] | map(.label | startswith($row)) | index(true) + 1')
  # shellcheck disable=SC2046 # several keys
  inside xdotool key $(yes Down | head -n "$downs") Right
  within menus 2
}
# menus N: at least this many windows are menus; the panel's own window is lower than any menu.
menus() {
  local open=0 window HEIGHT
  for window in $(inside xdotool search --onlyvisible --class '^wrapper-2.0$' 2>/dev/null); do
    eval "$(inside xdotool getwindowgeometry --shell "$window" 2>/dev/null | grep '^HEIGHT=')"
    if [ "${HEIGHT:-0}" -gt 40 ]; then open=$((open + 1)); fi
  done
  [ "$open" -ge "$1" ]
}
no_menu() { ! menus 1; }

# is_withdrawn TITLE: the program has closed the notification with this title.
is_withdrawn() {
  jq -es --arg title "$1" '[.[] | select(.summary == $title).id] as $ids
    | any(.[]; .event == "closed" and .reason == 3 and ([.id] | inside($ids)))' \
    "$run/notifications.jsonl" >/dev/null
}
