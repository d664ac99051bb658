# Sourced: the Debian packages of each desktop, without what they only recommend.
# shellcheck shell=bash

# packages_of DESKTOP
packages_of() {
  # A software renderer, the system bus, what desktops ask of accessibility, and what reads a screenshot.
  echo libgl1-mesa-dri dbus dbus-x11 at-spi2-core tesseract-ocr
  case $1 in
    gnome) echo gnome-shell gnome-session-bin gjs gnome-shell-extension-appindicator xdg-desktop-portal-gtk ;;
    *) return 1 ;;
  esac
}
