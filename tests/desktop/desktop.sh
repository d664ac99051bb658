#!/usr/bin/env bash
# A Linux desktop without a screen, for tests: X server, D-Bus session, window
# manager, a panel that shows tray icons, a notification daemon, a stub browser.
#
# usage: desktop.sh [OPTIONS] RUNDIR [COMMAND [ARG...]]
#
#   --no-host            no panel: nobody shows tray icons
#   --no-notifications   no notification daemon
#   --no-bus             no D-Bus session (and so no panel, no notifications)
#   --no-display         no X server (and so no panel, no notifications)
#   --wayland            sway with its bar, without a screen and without X
#   --light              a light panel; it is dark otherwise
#   --symbolic           a panel that asks for symbolic icons
#
# COMMAND runs inside the desktop; its exit status is the script's. Without one the
# desktop prints "ready" and lives until standard input ends or it is signalled.
#
# Everything it writes is under RUNDIR, which must be new, empty, or from an earlier run:
#   env             the desktop's environment, KEY=VALUE lines (in-desktop uses it)
#   home cfg state cache data rt   HOME and the XDG directories
#   browser.log     what xdg-open was asked to open, one per line
#   notifications.jsonl            messages to and from the notification daemon
#   leftovers       processes that COMMAND left behind ("PID COMMAND LINE")
#   log/            output of each part
# Nothing outlives the script, even if it is killed with SIGKILL.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
fail() { echo "desktop.sh: $*" >&2; exit 1; }

host=1 notifications=1 bus=1 display=1 wayland='' dark=true symbolic=false
while [[ ${1-} == --* ]]; do
  case $1 in
    --no-host) host='' ;;
    --no-notifications) notifications='' ;;
    --no-bus) bus='' host='' notifications='' ;;
    --no-display) display='' host='' notifications='' ;;
    --wayland) wayland=1 display='' ;;
    --light) dark=false ;;
    --symbolic) symbolic=true ;;
    *) fail "unknown option $1" ;;
  esac
  shift
done
[ $# -ge 1 ] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
run=$(realpath -m "$1"); shift
# A socket's path may have 107 bytes, and ours are a few directories further down.
[ ${#run} -le 80 ] || fail "RUNDIR is too long for sockets in it: $run"
if [ -e "$run" ] && [ ! -e "$run/.desktop-run" ] && [ -n "$(ls -A "$run")" ]; then
  fail "$run is not empty and not of an earlier run"
fi
rm -rf "$run"
mkdir -p "$run"/{home,cfg,state,cache,data,rt,log,bin,dbus-services}
chmod 700 "$run/rt"
touch "$run/.desktop-run" "$run/browser.log" "$run/notifications.jsonl"

desktop_env=(
  "HOME=$run/home" "XDG_CONFIG_HOME=$run/cfg" "XDG_STATE_HOME=$run/state"
  "XDG_CACHE_HOME=$run/cache" "XDG_DATA_HOME=$run/data" "XDG_RUNTIME_DIR=$run/rt"
  "SPOT_SERVE_DESKTOP=$run" "PATH=$here/bin:$PATH" "BROWSER=$here/bin/xdg-open"
  LANG=C.UTF-8 NO_AT_BRIDGE=1 GTK_A11Y=none GDK_BACKEND=x11 LIBGL_ALWAYS_SOFTWARE=1
)
unset_env=(-u WAYLAND_DISPLAY -u DISPLAY -u XAUTHORITY -u SESSION_MANAGER
  -u DBUS_SESSION_BUS_ADDRESS -u XDG_CURRENT_DESKTOP -u XDG_SESSION_TYPE -u LC_ALL)

# start NAME COMMAND...: starts a part of the desktop in the background and records its pid. The
# kernel ends it if this script dies without cleaning up.
pids=()
start() {
  local name=$1; shift
  env "${unset_env[@]}" "${desktop_env[@]}" setpriv --pdeathsig TERM "$@" \
    </dev/null >"$run/log/$name" 2>&1 &
  pids+=($!)
}

# Processes with this desktop in their environment, whatever their parent is now.
inhabitants() {
  local proc pid
  for proc in /proc/[0-9]*; do
    pid=${proc#/proc/}
    [ "$pid" != $$ ] && [ "$pid" != "$BASHPID" ] && [ "$pid" != $PPID ] || continue
    if grep -qzF "=$run/" "$proc/environ" 2>/dev/null; then echo "$pid"; fi
  done
}

gone() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }

# end PID: asks, waits two seconds, then kills.
end() {
  local pid=$1 tries
  kill -TERM "$pid" 2>/dev/null || return 0
  for ((tries = 0; tries < 40; tries++)); do
    if gone "$pid"; then return 0; fi
    sleep 0.05
  done
  kill -KILL "$pid" 2>/dev/null || true
}

# leftovers: what COMMAND has left running. Parts of the desktop, which ran before it, are none.
leftovers() {
  local pid words
  for pid in $(inhabitants); do
    if grep -qx "$pid" <<<"$residents" || gone "$pid"; then continue; fi
    words=$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") || continue
    echo "$pid $words"
  done
}

command_pid=
residents=
tear_down() {
  trap '' TERM INT HUP
  trap - EXIT
  local pid i tries
  if [ -n "$command_pid" ]; then end "$command_pid"; fi
  # What ends at this moment is no leftover.
  for ((tries = 0; tries < 40; tries++)); do
    leftovers >"$run/leftovers"
    [ -s "$run/leftovers" ] || break
    sleep 0.05
  done
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do end "${pids[i]}"; done
  for pid in $(inhabitants); do end "$pid"; done
}
trap tear_down EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
trap 'exit 129' HUP

# wait_for SECONDS WHAT COMMAND...: waits until COMMAND succeeds.
wait_for() {
  local tries=$(($1 * 20)) what=$2; shift 2
  while ! "$@" >/dev/null 2>&1; do
    ((tries-- > 0)) || fail "$what did not come up; see $run/log"
    sleep 0.05
  done
}

if [ -n "$display" ]; then
  # Xvfb picks a free number itself, so that desktops can run side by side.
  exec 9<>"$run/display"
  start xvfb Xvfb -displayfd 9 -screen 0 1280x800x24 -nolisten tcp -noreset
  exec 9>&-
  wait_for 30 "Xvfb" test -s "$run/display"
  desktop_env+=("DISPLAY=:$(<"$run/display")")
fi

if [ -n "$bus" ]; then
  # Only services in this directory can be activated, so that those installed on the machine
  # (another notification daemon, a portal) don't interfere.
  ln -s /usr/share/dbus-1/services/org.xfce.Xfconf.service "$run/dbus-services/"
  cat >"$run/dbus.conf" <<EOF
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=$run/rt/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>$run/dbus-services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
EOF
  desktop_env+=("DBUS_SESSION_BUS_ADDRESS=unix:path=$run/rt/bus")
  start dbus dbus-daemon --config-file="$run/dbus.conf" --nofork --nopidfile
  wait_for 30 "the D-Bus session" test -S "$run/rt/bus"
fi
printf '%s\n' "${desktop_env[@]}" >"$run/env"

on_bus() { env "${desktop_env[@]}" gdbus wait --session --timeout 1 "$1"; }

if [ -n "$wayland" ]; then
  # Its bar hosts tray icons. It refuses to run as root, so it runs as another user.
  printf '%s\n' 'output * resolution 1280x800' 'xwayland disable' 'bar {' 'tray_output *' '}' >"$run/sway.conf"
  start sway env WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER=pixman \
    unshare --user --map-user=1000 --map-group=1000 sway --config "$run/sway.conf"
  wait_for 30 "sway" test -S "$run/rt/wayland-1"
  desktop_env+=(WAYLAND_DISPLAY=wayland-1 GDK_BACKEND=wayland XDG_SESSION_TYPE=wayland)
  printf '%s\n' "${desktop_env[@]}" >"$run/env"
  if [ -n "$host" ]; then wait_for 60 "the tray host" on_bus org.kde.StatusNotifierWatcher; fi
fi
if [ -n "$display" ]; then
  start openbox openbox
  env "${desktop_env[@]}" xsetroot -solid '#31576e'
fi
if [ -n "$notifications" ]; then
  mkdir -p "$run/cfg/dunst"
  sed "s|@DMENU@|$here/bin/pick-action|" "$here/dunstrc" >"$run/cfg/dunst/dunstrc"
  start notification-log /usr/bin/python3 "$here/notification_log.py" "$run/notifications.jsonl"
  wait_for 30 "the notification log" grep -q watching "$run/log/notification-log"
  start dunst dunst
  wait_for 30 "dunst" on_bus org.freedesktop.Notifications
fi
if [ -n "$host" ] && [ -z "$wayland" ]; then
  mkdir -p "$run/cfg/xfce4/xfconf/xfce-perchannel-xml" "$run/cfg/gtk-3.0"
  sed "s/@DARK@/$dark/; s/@SYMBOLIC@/$symbolic/" "$here/xfce4-panel.xml" \
    >"$run/cfg/xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml"
  printf '[Settings]\ngtk-icon-theme-name=Adwaita\ngtk-font-name=DejaVu Sans 9\n' \
    >"$run/cfg/gtk-3.0/settings.ini"
  start panel xfce4-panel --disable-wm-check
  wait_for 60 "the tray host" on_bus org.kde.StatusNotifierWatcher
fi

if [ $# -eq 0 ]; then
  residents=$(inhabitants)
  echo ready
  cat >/dev/null
  exit 0
fi
residents=$(inhabitants)
env "${unset_env[@]}" "${desktop_env[@]}" setpriv --pdeathsig TERM "$@" <&0 &
command_pid=$!
status=0
wait "$command_pid" || status=$?
command_pid=
exit "$status"
