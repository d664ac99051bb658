# Sourced by the suites that run the program in GNOME Shell: a session of the shell and nothing else.
# The suite may have set `extensions`, those that are enabled from the start, and `scale`.
# shellcheck shell=bash disable=SC2034,SC2154 # variables of the suite and for lib.sh
desktop=gnome
session=(gnome-session --builtin --session=shell-alone --disable-acceleration-check)
session_env=(
  XDG_CURRENT_DESKTOP=GNOME XDG_SESSION_TYPE=x11 GSETTINGS_BACKEND=keyfile SYMBOLIC_ICONS=1
  XDG_DATA_DIRS=/home/desktop/share:/usr/share XDG_CONFIG_DIRS=/home/desktop/etc
)
# shellcheck source=tests/real-desktops/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# The extension for icons, as Ubuntu and others call it.
icon_extensions="['ubuntu-appindicators@ubuntu.com', 'appindicatorsupport@rgcjonas.gmail.com']"
mkdir -p "$HOME"/share/{applications,gnome-session/sessions} "$HOME/.config/glib-2.0/settings"
printf '[GNOME Session]\nName=Shell\nRequiredComponents=shell;\n' >"$HOME/share/gnome-session/sessions/shell-alone.session"
cat >"$HOME/share/applications/shell.desktop" <<'END'
[Desktop Entry]
Type=Application
Name=Shell
Exec=gnome-shell --x11
X-GNOME-Autostart-Phase=DisplayServer
X-GNOME-Provides=panel;windowmanager;
X-GNOME-Autostart-Notify=true
END
cat >"$HOME/.config/glib-2.0/settings/keyfile" <<'END'
[org/gnome/shell]
welcome-dialog-last-shown-version='99'
[org/gnome/desktop/interface]
enable-animations=false
[org/gnome/desktop/session]
idle-delay=uint32 0
END
# A login ends with the overview, which is left open: its panel works as always.
is_up() {
  inside gdbus call --session -d org.gnome.Shell -o /org/gnome/Shell -m org.freedesktop.DBus.Properties.Get \
    org.gnome.Shell OverviewActive | grep -q true
}
# The shell also complains that it can't lock the screen.
dismiss_complaint() { screen --click 1 --in "$notices" text "Screen Lock disabled" && screen --in "$notices" no-text "Screen Lock disabled"; }
open_menu() { screen --click 3 icon && screen --in "$menu" text "Quit Spot Serve"; }
