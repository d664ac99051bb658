#!/usr/bin/env bash
# The program in LXQt, whose panel is at the bottom.
set -uo pipefail
# The suite's settings for lib.sh and job.sh.
# shellcheck disable=SC2034
{
  desktop=lxqt
  session=(lxqt-session)
  session_env=(
    XDG_CURRENT_DESKTOP=LXQt DESKTOP_SESSION=lxqt XDG_SESSION_TYPE=x11 XDG_MENU_PREFIX=lxqt-
    XDG_CONFIG_DIRS=/etc:/etc/xdg:/usr/share QT_PLATFORM_PLUGIN=lxqt QT_QPA_PLATFORMTHEME=lxqt
  )
  no_clipboard_manager="LXQt has no clipboard manager of its own"
  panel=lxqt-panel
  menu=200,100,824,570
  submenu=200,330,824,340
  notices=600,20,424,300 notice=(900 60)
  large_menu=400,800,600,540
}
# shellcheck source=tests/real-desktops/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/real-desktops/more/job.sh
. "$(dirname "$0")/job.sh"
log_out() { inside gdbus call --session -d org.lxqt.session -o /LXQtSession -m org.lxqt.session.logout; }
# Without the translations of Qt, only an option turns a program around.
enlarge() {
  session_env+=(QT_SCALE_FACTOR=2)
  sed 's/^Exec=.*/& -reverse/' /etc/xdg/autostart/lxqt-panel.desktop >"$HOME/.config/autostart/lxqt-panel.desktop"
}

mkdir -p "$HOME/.config/lxqt"
printf '[General]\nwindow_manager=openbox\nleave_confirmation=false\n' >"$HOME/.config/lxqt/session.conf"
# Notifications would be where the menu is.
printf '[General]\nplacement=top-right\n' >"$HOME/.config/lxqt/notifications.conf"
do_job
finish
