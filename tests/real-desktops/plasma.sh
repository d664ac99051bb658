# Sourced by the suites that run the program in KDE Plasma: a quiet session that begins with the program.
# shellcheck shell=bash disable=SC2034,SC2154 # variables of the suite and for lib.sh
desktop=plasma
session=(startplasma-x11)
session_env=(XDG_CURRENT_DESKTOP=KDE XDG_SESSION_TYPE=x11 KDE_FULL_SESSION=true KDE_SESSION_VERSION=5)
# shellcheck source=tests/real-desktops/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

mkdir -p "$HOME/.config/autostart"
# setting FILE GROUP KEY=VALUE...
setting() { local file=$1 group=$2; shift 2; printf '%s\n' "[$group]" "$@" >>"$HOME/.config/$file"; }
setting startkderc General systemdBoot=false
setting ksplashrc KSplash Engine=none Theme=None
setting baloofilerc "Basic Settings" Indexing-Enabled=false
setting kscreenlockerrc Daemon Autolock=false LockOnResume=false
setting kwinrc Compositing Enabled=false
setting ksmserverrc General loginMode=emptySession confirmLogout=false
setting kdeglobals KDE AnimationDurationFactor=0
# As "Launch at Login" writes it.
printf '[Desktop Entry]\nType=Application\nName=Spot Serve\nExec=/usr/bin/spot-serve --at-login\n' >"$HOME/.config/autostart/spot-serve.desktop"
open_menu() { screen --click 3 icon && screen --in "$menu" text "Quit Spot Serve"; }
log_out() { inside qdbus org.kde.ksmserver /KSMServer logout 0 0 0; }
