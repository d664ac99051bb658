#!/usr/bin/env bash
# Lays the files of a desktop over this system, and prepares it for a user "desktop". Runs as root in
# tests/in-own-system.sh, so that all of it is gone in the end.
#
# usage: prepare.sh DIRECTORY     with the files of the packages
#
# Installing them would take minutes. This does what their own scripts would do for a session.
set -euo pipefail
# In one process, because a program that starts meanwhile would find half a library.
(cd "$1" && cp -a --remove-destination etc usr var /)
if_there() { if command -v "$1" >/dev/null; then "$@"; fi; }
ldconfig
if_there glib-compile-schemas /usr/share/glib-2.0/schemas
if_there update-mime-database /usr/share/mime
for tool in /usr/lib/*/gdk-pixbuf-2.0/gdk-pixbuf-query-loaders; do if_there "$tool" --update-cache; done
for tool in /usr/lib/*/glib-2.0/gio-querymodules; do if_there "$tool" "${tool%/glib-2.0/*}/gio/modules"; done
# They hide the new pictures. Without one, the directories are read.
find /usr/share/icons -name icon-theme.cache -delete
# Two programs would want to show the notifications.
rm -f /usr/share/dbus-1/services/org.knopwob.dunst.service

add_user() {
  getent passwd "$1" >/dev/null || { echo "$1:x:$2:$2::$3:/bin/bash" >>/etc/passwd; echo "$1:x:$2:" >>/etc/group; }
}
add_user messagebus 1501 /nonexistent
add_user polkitd 1502 /nonexistent
add_user desktop 1500 /home/desktop
install -d -o desktop -g desktop /home/desktop
[ -s /etc/machine-id ] || dbus-uuidgen >/etc/machine-id

# Nothing of this machine's own services and displays.
mount -t tmpfs -o mode=755 run /run
mkdir -p /run/dbus /run/lock
install -d -m 700 -o desktop -g desktop /run/user/1500
rm -rf /tmp/.X11-unix /tmp/.ICE-unix
install -d -m 1777 /tmp /tmp/.X11-unix /tmp/.ICE-unix
dbus-daemon --system --fork
