#!/usr/bin/env bash
# The program in Cinnamon, where xapp-sn-watcher collects the icons and draws their menus.
set -uo pipefail
# The suite's settings for lib.sh and job.sh.
# shellcheck disable=SC2034
{
  desktop=cinnamon
  session=(cinnamon-session --session cinnamon)
  session_env=(
    XDG_CURRENT_DESKTOP=X-Cinnamon DESKTOP_SESSION=cinnamon XDG_SESSION_TYPE=x11 GSETTINGS_BACKEND=keyfile
    SYMBOLIC_ICONS=1 PANEL=40
  )
  menu=200,100,824,560
  submenu=200,250,824,410
  notices=600,20,424,300 notice=(900 60)
  large_menu=200,100,824,560
  no_scale="Cinnamon keeps it with the settings of a monitor, which this screen is not"
}
# shellcheck source=tests/real-desktops/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/real-desktops/more/job.sh
. "$(dirname "$0")/job.sh"
settings=$HOME/.config/glib-2.0/settings
log_out() { inside cinnamon-session-quit --logout --no-prompt; }
ask() { inside gdbus call --session -d org.Cinnamon -o /org/Cinnamon -m "org.Cinnamon.$1" "${@:2}"; }
# An icon that comes earlier is sometimes drawn as it was at first, for ever.
is_up() { shows_icons && ask Eval imports.ui.main.runState 2>/dev/null | grep -q 2; }
owner() { inside gdbus call --session -d org.freedesktop.DBus -o /org/freedesktop/DBus -m org.freedesktop.DBus.GetNameOwner org.Cinnamon; }
is_another() { local now; now=$(owner 2>/dev/null) && [ "$now" != "$1" ]; }
# Only it itself can start it again without a question.
restart_panel() { local before; before=$(owner) && ask RestartCinnamon false && within is_another "$before" && within is_up; }
enlarge() { session_env+=(LANGUAGE=he CLUTTER_TEXT_DIRECTION=rtl); }

mkdir -p "$settings"
cat >"$settings/keyfile" <<'END'
[org/cinnamon]
desktop-effects=false
startup-animation=false
[org/cinnamon/desktop/session]
idle-delay=uint32 0
END
do_job
finish
