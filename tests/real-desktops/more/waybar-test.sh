#!/usr/bin/env bash
# The program on sway, a Wayland desktop without a desktop's session: waybar has the icons, mako shows the
# notifications, and the settings of sway say what is started. sway is a window of the X server, so that its
# pointer is that of the other suites.
#
# shellcheck disable=SC2154
set -uo pipefail
# The suite's settings for lib.sh and job.sh.
# shellcheck disable=SC2034
{
  desktop=waybar
  session=(env -u WAYLAND_DISPLAY sway --config /home/desktop/.config/sway/config)
  session_env=(
    XDG_CURRENT_DESKTOP=sway XDG_SESSION_TYPE=wayland WAYLAND_DISPLAY=wayland-1
    SWAYSOCK=/run/user/1500/sway.sock WLR_BACKENDS=x11 WLR_RENDERER=pixman WLR_NO_HARDWARE_CURSORS=1
  )
  no_clipboard_manager="sway has no clipboard manager"
  panel=waybar
  menu=200,20,824,660
  submenu=200,20,824,660
  notices=600,30,424,300 notice=(900 60)
  large_menu=100,16,600,540
}
# shellcheck source=tests/real-desktops/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/real-desktops/more/job.sh
. "$(dirname "$0")/job.sh"
close_menu() { inside xdotool mousemove 300 600 mousedown 1 sleep 0.08 mouseup 1; }
# sway ends without an answer.
log_out() { inside swaymsg exit; fails inside swaymsg -t get_version; }
at_login=
# configure SIZE SCALE: the settings of sway.
configure() {
  mkdir -p "$HOME"/.config/{sway,waybar}
  cat >"$HOME/.config/sway/config" <<END
output * resolution $1 bg #31576e solid_color
output * scale $2
xwayland disable
bar {
  swaybar_command waybar
}
exec mako
$at_login
END
  echo '{ "layer": "top", "position": "top", "modules-right": ["tray", "clock"], "tray": { "icon-size": 21 } }' >"$HOME/.config/waybar/config"
}
enlarge() { session_env+=(LANGUAGE=he); configure 2048x1400 2; }

has_ended() { fails pgrep -u desktop -x waybar; }
restart_panel() { pkill -KILL -u desktop -x waybar && within has_ended && inside swaymsg reload; }
dialog_opens() { within has_dialog; }
has_dialog() { inside swaymsg -t get_tree | grep -q '"name": "Share a folder with Spot Serve"'; }
enable_at_login() {
  skip "Launch at Login" "sway starts nothing but what its settings say"
  at_login="exec spot-serve --at-login"
  configure 1024x700 1
}
click_notification() {
  skip "the buttons of a notification" "mako has none"
  it "a click on the notification opens the link" screen --click 1 --in "$notices" text "is online"
  await "in the browser" grep -qF "$link" "$run/browser.log"
}

configure 1024x700 1
do_job
finish
