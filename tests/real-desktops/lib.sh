# Sourced by the suites that run the program in a whole desktop, which is laid over this system for the
# time of the suite. The suite itself runs as a user of it, who sees only loopback.
#
# The suite has set:
#   desktop          its name, one of packages.sh
#   session          the command that is the session
#   session_env      an array with what the login sets for this desktop
# shellcheck shell=bash disable=SC2154
suite=$(realpath "$0")
shells=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
root=$(realpath "$shells/../..")
# shellcheck source=tests/report.sh
. "$root/tests/report.sh"

if [ -z "${SPOT_SERVE_DESKTOP_TREE-}" ]; then
  if ! tree=$("$shells/download.sh" "$desktop" 2>"$report_output"); then
    skip "the program in $desktop" "$(tail -1 "$report_output")"
    finish
  fi
  if ! why=$("$root/tests/in-netns.sh" true 2>&1); then skip "the program in $desktop" "$why"; finish; fi
  SPOT_SERVE_TEST_CLOUDFLARED=$("$root/tests/get-cloudflared.sh") || exit 1
  "$root/scripts/build-debug.sh" >/dev/null || exit 1
  target=$(realpath -m "${CARGO_TARGET_DIR:-$root/target}")
  install -d -m 1777 "$target/screenshots" "$target/screenshots/real-desktops"{,/"$desktop-log"}
  export SPOT_SERVE_TEST_CLOUDFLARED SPOT_SERVE_DESKTOP_TREE=$tree CARGO_TARGET_DIR=$target
  export KEEP=$root:$target LOOPBACK_EDGE_ADMINISTRATOR=1
  rm -f "$report_output"
  cd "$root" || exit 1
  exec "$root/tests/in-netns.sh" "$root/tests/in-own-system.sh" "$shells/enter.sh" "$suite" "$@"
fi

# From here on in the desktop's own system, as its user.
# shellcheck source=tests/desktop/lib.sh
. "$root/tests/desktop/lib.sh"
# What the parts of the session have printed is kept, to look at.
trap 'cp -r "$run/log/." "$target/screenshots/real-desktops/$desktop-log"; rm -rf "$work"' EXIT
program=/usr/bin/spot-serve
pictures=$target/screenshots/real-desktops
run=$HOME/run state=$HOME/.local/state/spot-serve

# await SENTENCE COMMAND...: a test that passes when COMMAND succeeds within a minute.
await() { local sentence=$1; shift; it "$sentence" within "$@"; }

# start_part NAME COMMAND...: starts a part of the session in the background.
start_part() {
  local name=$1; shift
  "$here/bin/in-desktop" "$run" "$@" </dev/null >"$run/log/$name-$logins" 2>&1 8>&- 9>&- &
  # Its end is of no interest to the shell.
  disown
}
# log_in: a screen, the session's bus and what watches its notifications; then the desktop itself.
# Each login has a screen and a bus of its own, as with a display manager.
logins=0
log_in() {
  logins=$((logins + 1))
  mkdir -p "$run/log" "$state" "$HOME"/.config/spot-serve "$HOME"/{Documents,Pictures} || return 1
  # As if it were not the first start.
  touch "$state/welcomed" "$run/browser.log"
  ln -sfn "$HOME/.config" "$run/cfg"
  : >"$run/notifications.jsonl"
  printf '%s\n' "HOME=$HOME" USER=desktop LOGNAME=desktop "PATH=$here/bin:$PATH" "SPOT_SERVE_DESKTOP=$run" \
    XDG_RUNTIME_DIR=/run/user/1500 DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1500/bus DISPLAY=:1 \
    LANG=C.UTF-8 LIBGL_ALWAYS_SOFTWARE=1 "BROWSER=$here/bin/xdg-open" "${session_env[@]}" >"$run/env"
  start_part xvfb Xvfb :1 -screen 0 "${screen:-1024x700}x24" -fbdir "$run" -nolisten tcp -noreset
  within test -S /tmp/.X11-unix/X1 || return 1
  start_part bus dbus-daemon --session --address=unix:path=/run/user/1500/bus --nofork --nopidfile
  within test -S /run/user/1500/bus || return 1
  start_part notification-log /usr/bin/python3 "$here/notification_log.py" "$run/notifications.jsonl"
  within grep -qs watching "$run/log/notification-log-$logins" || return 1
  cat >"$run/cfg/spot-serve/config.toml" <<END
[tunnel]
cloudflared = "$SPOT_SERVE_TEST_CLOUDFLARED"
service = "$(field .api)"
args = $(jq -c '.args[:6]' "$work/edge.json")
END
  start_part session "${session[@]}"
}
# close_login: what a display manager does after a logout. Nothing of the session is left.
close_login() {
  local process
  for process in /proc/[0-9]*; do
    if grep -qsz "^SPOT_SERVE_DESKTOP=" "$process/environ"; then kill -KILL "${process#/proc/}" 2>/dev/null; fi
  done
  rm -rf /run/user/1500/* /tmp/.X11-unix/X1 /tmp/.X1-lock /tmp/.ICE-unix/*
}
# shows_icons: somebody shows tray icons.
shows_icons() {
  inside gdbus call --session -d org.kde.StatusNotifierWatcher -o /StatusNotifierWatcher \
    -m org.freedesktop.DBus.Properties.Get org.kde.StatusNotifierWatcher IsStatusNotifierHostRegistered 2>/dev/null | grep -q true
}
# screen COMMAND...: looks for something on the screen, and clicks it (see screen.py). What it didn't find
# is not on the picture either.
screen() { inside "$shells/screen.py" "$@" || { inside screenshot "$pictures/$desktop-missing.png"; return 1; }; }
# prepare_folder NAME: a folder with a file, which "Recent Folders" offers.
prepare_folder() {
  mkdir -p "$HOME/Pictures/$1" "$state" && echo hello >"$HOME/Pictures/$1/a.txt" && recent "$HOME/Pictures/$1"
}

# Shares a recent folder from the menu, as far as the submenu of a share that has no link yet. The suite
# says where its menu is, and how it is opened.
share_while_connecting() {
  fault '{"registration":"hang"}' >"$work/fault"
  it "the menu opens" open_menu
  it "Recent Folders opens" screen --click 1 --in "$menu" text "Recent Folders"
  it "a recent folder is clicked" screen --click 1 --in "$menu" text "Holiday"
  it "the icon shows that it is connecting" screen icon busy
  it "the menu opens again" open_menu
  it "the submenu of the share opens" screen --click 1 --in "$menu" text "Holiday"
  it "it has no link yet" screen --in "$menu" text "Copy Local Address"
}
