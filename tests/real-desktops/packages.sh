# Sourced: the Debian packages of each desktop, without what they only recommend.
# shellcheck shell=bash

# packages_of DESKTOP
packages_of() {
  # A software renderer, the system bus, what desktops ask of accessibility, and what reads a screenshot.
  echo libgl1-mesa-dri dbus dbus-x11 at-spi2-core tesseract-ocr
  case $1 in
    gnome) echo gnome-shell gnome-session-bin gjs gnome-shell-extension-appindicator xdg-desktop-portal-gtk ;;
    plasma) echo plasma-workspace plasma-desktop kwin-x11 xdg-desktop-portal-kde ;;
    xfce) echo xfce4-panel xfce4-notifyd xfce4-session xfwm4 thunar ;;
    mate) echo mate-panel mate-notification-daemon mate-session-manager mate-settings-daemon marco ;;
    lxqt) echo lxqt-panel lxqt-notificationd lxqt-session kdialog ;;
    cinnamon) echo cinnamon xapp-sn-watcher ;;
    waybar) echo sway waybar mako-notifier ;;
    *) return 1 ;;
  esac
}

# left_out PACKAGE: whether a desktop starts without it, although others depend on it. These are large:
# pictures for the background, a browser, players of films.
left_out() {
  case $1 in
    breeze | gnome-backgrounds | *webengine* | libav* | libcodec2-* | libmfx1 | libplacebo* | libx264-* | libvlc* | vlc-* | phonon4qt5-backend-* | \
      libopenmpt* | libqalculate* | tesseract-ocr-osd | oxygen-sounds | gdb* | drkonqi | sudo) ;;
    *) return 1 ;;
  esac
}
