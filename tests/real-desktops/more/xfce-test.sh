#!/usr/bin/env bash
# The program in Xfce, with its panel as it is set up at first.
set -uo pipefail
# The suite's settings for lib.sh and job.sh.
# shellcheck disable=SC2034
{
  desktop=xfce
  session=(xfce4-session)
  session_env=(
    XDG_CURRENT_DESKTOP=XFCE DESKTOP_SESSION=xfce XDG_SESSION_TYPE=x11 XDG_MENU_PREFIX=xfce-
    XDG_CONFIG_DIRS=/etc/xdg/xdg-xfce:/etc/xdg
  )
  panel=xfce4-panel
  menu=200,20,660,660
  submenu=100,20,540,660
  notices=600,30,424,300 notice=(700 60)
  large_menu=1200,40,848,700
}
# shellcheck source=tests/real-desktops/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/real-desktops/more/job.sh
. "$(dirname "$0")/job.sh"
log_out() { inside xfce4-session-logout --logout --fast; }
enlarge() {
  session_env+=(LANGUAGE=he)
  cat >"$HOME/.config/xfce4/xfconf/xfce-perchannel-xml/xsettings.xml" <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<channel name="xsettings" version="1.0">
  <property name="Gdk" type="empty"><property name="WindowScalingFactor" type="int" value="2"/></property>
</channel>
END
}

do_job
finish
