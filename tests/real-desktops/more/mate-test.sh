#!/usr/bin/env bash
# The program in MATE, whose session manager ends programs that don't register with it.
set -uo pipefail
# The suite's settings for lib.sh and job.sh.
# shellcheck disable=SC2034
{
  desktop=mate
  session=(mate-session)
  session_env=(
    XDG_CURRENT_DESKTOP=MATE DESKTOP_SESSION=mate XDG_SESSION_TYPE=x11 XDG_MENU_PREFIX=mate-
    GSETTINGS_BACKEND=keyfile
  )
  panel=mate-panel
  menu=200,20,660,660
  submenu=100,20,540,660
  notices=560,26,415,140 notice=(700 60)
  large_menu=200,40,800,600
}
# shellcheck source=tests/real-desktops/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/real-desktops/more/job.sh
. "$(dirname "$0")/job.sh"
settings=$HOME/.config/glib-2.0/settings
log_out() { inside mate-session-save --force-logout; }
enlarge() {
  session_env+=(LANGUAGE=he)
  printf '[org/mate/desktop/interface]\nwindow-scaling-factor=2\n' >>"$settings/keyfile"
}

mkdir -p "$settings"
printf '[org/mate/marco/general]\ncompositing-manager=false\n' >"$settings/keyfile"
do_job
finish
