#!/usr/bin/env bash
# Installs the programs that the tests use.
#
# usage: scripts/install-test-packages.sh GROUP...
#
# GROUP: desktop, chromium, browser (chromium, Firefox, WebKit and what drives them), downloads, packages,
#        scripts, workflows, windows, cross, icons
#
# Only root on Debian or Ubuntu can install; otherwise the missing packages are listed.
# Exit status: 0 everything is there, 77 packages are missing and can't be installed here
# (the caller skips what needs them), 1 the installation failed, 2 wrong usage.
set -euo pipefail

# Each line is a package and how to tell that it is installed: a command, a file (with a slash,
# may contain *) or a module of the system's Python (python:NAME).
packages_of() {
  case $1 in
    desktop) cat <<'EOF'
xvfb                Xvfb
openbox             openbox
xfce4-panel         xfce4-panel
dunst               dunst
dbus-daemon         dbus-daemon
dbus-bin            dbus-monitor
libglib2.0-bin      gdbus
libnotify-bin       notify-send
desktop-file-utils   desktop-file-validate
xclip               xclip
xdotool             xdotool
zenity              zenity
x11-xserver-utils   xsetroot
sway                sway
grim                grim
wl-clipboard        wl-paste
imagemagick         import
python3-gi          python:gi
adwaita-icon-theme  /usr/share/icons/Adwaita/index.theme
openssl             openssl
minisign            minisign
librsvg2-common     /usr/lib/*/gdk-pixbuf-2.0/*/loaders/libpixbufloader-svg.so
librsvg2-bin        rsvg-convert
zbar-tools          zbarimg
xterm               xterm
fonts-dejavu-core   /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
jq                  jq
curl                curl
iproute2            ip
util-linux          unshare
EOF
      ;;
    browser)
      packages_of chromium
      echo "chromium-headless-shell chromium-headless-shell"
      echo "firefox-esr firefox-esr"
      # WebKit as programs of GNOME have it, and what it plays WebM with: 40 MB to download.
      echo "webkit2gtk-driver WebKitWebDriver"
      echo "xvfb Xvfb"
      echo "gstreamer1.0-plugins-good /usr/lib/*/gstreamer-1.0/libgstvpx.so"
      ;;
    chromium) cat <<'EOF'
chromium            chromium
wget                wget
curl                curl
fonts-noto-color-emoji /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf
fonts-dejavu-core   /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
EOF
      ;;
    downloads) cat <<'EOF'
aria2               aria2c
avahi-daemon        avahi-daemon
avahi-utils         avahi-browse
cadaver             cadaver
curl                curl
lftp                lftp
litmus              litmus
p7zip-full          7z
rclone              rclone
libarchive-tools    bsdtar
unzip               unzip
wget                wget
EOF
      ;;
    packages) cat <<'EOF'
lintian             lintian
dpkg-dev            dpkg-shlibdeps
man-db              man
appstream           appstreamcli
desktop-file-utils   desktop-file-validate
dbus-daemon         dbus-run-session
python3-gi          python:gi
apt-utils           apt-ftparchive
createrepo-c        createrepo_c
gpg                 gpg
minisign            minisign
systemd             systemd-analyze
gir1.2-gtk-3.0      /usr/lib/*/girepository-1.0/Gtk-3.0.typelib
librsvg2-common     /usr/lib/*/gdk-pixbuf-2.0/*/loaders/libpixbufloader-svg.so
procps              pgrep
rpm                 rpmbuild
icnsutils           png2icns
EOF
      ;;
    scripts) echo "shellcheck shellcheck" ;;
    workflows) echo "npm npm" ;;
    windows) cat <<'EOF'
gcc-mingw-w64-x86-64 x86_64-w64-mingw32-gcc
nsis                makensis
wine                wine
wine64              /usr/lib/wine/wine64
xvfb                Xvfb
xclip               xclip
xdotool             xdotool
imagemagick         import
jq                  jq
curl                curl
EOF
      ;;
    cross) echo "gcc-mingw-w64-x86-64 x86_64-w64-mingw32-gcc" ;;
    icons) cat <<'EOF'
librsvg2-bin        rsvg-convert
imagemagick         import
EOF
      ;;
    *) return 1 ;;
  esac
}

is_there() {
  case $1 in
    python:*) /usr/bin/python3 -c "import ${1#python:}" 2>/dev/null ;;
    */*) compgen -G "$1" >/dev/null ;;
    # /usr/sbin, where `ip` is, is not on every PATH.
    *) PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null ;;
  esac
}

[ $# -gt 0 ] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
missing=()
for group; do
  packages_of "$group" >/dev/null || { echo "unknown group: $group" >&2; exit 2; }
  while read -r package shown_by; do
    is_there "$shown_by" || missing+=("$package")
  done < <(packages_of "$group")
done
# add_node_packages DIRECTORY: installs the npm packages that the lock file there pins.
add_node_packages() {
  local dir installed
  dir=$(dirname "$0")/../$1
  installed=$dir/node_modules/.package-lock.json
  if [ -f "$installed" ] && [ ! "$dir/package-lock.json" -nt "$installed" ]; then return; fi
  npm ci --prefix "$dir" --ignore-scripts --no-audit --no-fund --loglevel error && touch "$installed"
}
finish() {
  for group; do
    case $group in
      browser) add_node_packages tests/page || return 1 ;;
      workflows) add_node_packages tests/workflows || return 1 ;;
    esac
  done
}

[ ${#missing[@]} -gt 0 ] || { finish "$@"; exit; }
mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "Missing for the tests ($*): ${missing[*]}" >&2
  echo "Install them, on Debian or Ubuntu with: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 77
fi

echo "Installing for the tests ($*): ${missing[*]}"
# A separate download directory, because concurrent apt-get runs delete each other's files.
archives=$(mktemp -d)
trap 'rm -rf "$archives"' EXIT
chmod 755 "$archives"
apt() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
    -o Dir::Cache::archives="$archives" -o Dpkg::Use-Pty=0 "$@"
}
log=$archives/log
# apt-get update does not wait for the lock on the package lists.
update() {
  local try
  for try in 1 2 3; do
    apt update && return
    sleep "$((try * 5))"
  done
  return 1
}
if ! { update && apt install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -20 "$log" >&2
  echo "apt-get couldn't install: ${missing[*]}" >&2
  exit 1
fi
finish "$@"
