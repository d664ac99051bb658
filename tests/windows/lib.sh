# Sourced by the suites that run the Windows program under Wine, on its own screen.
# shellcheck shell=bash disable=SC2034,SC2120
#
# Wine 8 lacks two things that the rig provides: bcryptprimitives.dll (random.c), and the position
# of a tray icon (tray_place.c, between a copy of the program and shell32.dll). cloudflared is a
# stub (see cloudflared.c).
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
root=$(realpath "$here/../..")
# shellcheck source=tests/report.sh
. "$root/tests/report.sh"
target=$(realpath -m "${CARGO_TARGET_DIR:-$root/target}")
status=0
built=${SPOT_SERVE_PROGRAM:-$(cd "$root" && installer/build-windows.sh --quick)} || status=$?
if [ $status = 77 ]; then
  skip "the Windows program under Wine" "it can't be built here, see above"
  finish
fi
if [ $status != 0 ]; then exit 1; fi
built=$(cd "$root" && realpath -m "$built")

work=$(mktemp -d)
export WINEPREFIX=$work/prefix WINEARCH=win64 WINEDEBUG=-all WINEDLLOVERRIDES="mscoree=;mshtml=;winemenubuilder.exe="
unset DISPLAY WAYLAND_DISPLAY
drive=$WINEPREFIX/drive_c
rig=$drive/rig
# With a space in its path, like an installed program.
app="$rig/Spot Serve"
pids=()
tidy() {
  local pid
  # Ends the processes of this prefix, and no others.
  wineserver -k >/dev/null 2>&1
  wineserver -w >/dev/null 2>&1
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
  wait
  rm -rf "$work"
}
trap tidy EXIT

# wine COMMAND...: runs it with a time limit, and without the carriage returns of Windows.
wine() { timeout 120 /usr/bin/env wine "$@"; }
spot_serve() { wine 'C:\rig\Spot Serve\spot-serve.exe' "$@"; }
without_cr() { tr -d '\r'; }

exec 9<>"$work/display"
Xvfb -displayfd 9 -screen 0 1024x768x24 -nolisten tcp -noreset </dev/null >/dev/null 2>&1 &
pids+=($!)
exec 9>&-
within test -s "$work/display" || exit 1
DISPLAY=:$(<"$work/display")
export DISPLAY

wineboot -u >"$work/wineboot" 2>&1 || { cat "$work/wineboot"; exit 1; }
# A desktop with a taskbar, in which everything runs.
explorer='HKCU\Software\Wine\Explorer'
for value in "$explorer /v Desktop /d shell" "$explorer\\Desktops /v shell /d 1024x768"; do
  # shellcheck disable=SC2086
  wine reg add $value /f >>"$work/wineboot" 2>&1 || { cat "$work/wineboot"; exit 1; }
done
wineserver -w
mkdir -p "$app"
compile() { x86_64-w64-mingw32-gcc -O1 -Wall -Werror "$@"; }
compile -shared -o "$drive/windows/system32/bcryptprimitives.dll" "$here/random.c" -ladvapi32 || exit 1
compile -o "$rig/cloudflared.exe" "$here/cloudflared.c" -lws2_32 || exit 1
compile -o "$rig/menus.exe" "$here/menus.c" -luser32 || exit 1
# Starts the desktop and Wine's own processes, and keeps them running. Any that a test started would
# hold the test's output, or its terminal, open.
/usr/bin/env wine 'C:\rig\menus.exe' stay </dev/null >"$work/desktop" 2>/dev/null &
pids+=($!)
within grep -q here "$work/desktop" || exit 1
# Everything that the program uses of shell32.dll is passed on, except the icon's position.
{
  printf 'LIBRARY shellwt\nEXPORTS\n'
  x86_64-w64-mingw32-objdump -p "$built" | awk '
    /DLL Name:/ { inside = tolower($3) == "shell32.dll"; next }
    inside && $1 ~ /^[0-9a-f]+$/ && NF == 3 && $2 ~ /^[0-9]+$/ { print $3 }' | sort -u |
    sed 's/.*/ & = shell32.&/; /Shell_NotifyIconGetRect/s/ = .*//'
} >"$work/tray_place.def"
compile -shared -o "$app/shellwt.dll" "$here/tray_place.c" "$work/tray_place.def" -luser32 || exit 1
python3 - "$built" "$app/spot-serve.exe" <<'END' || exit 1
import re, sys
program = open(sys.argv[1], "rb").read()
open(sys.argv[2], "wb").write(re.sub(rb"(?i)shell32\.dll", b"shellwt.dll", program))
END

# Where the program keeps the user's files.
profile=$(echo "$drive"/users/*/AppData/Roaming | tr ' ' '\n' | grep -v /Public/ | head -1)
profile=${profile%/AppData/Roaming}
settings=$profile/AppData/Roaming/spot-serve/config
state=$profile/AppData/Local/spot-serve/data
log=$state/spot-serve.log
person='C:\users\'${profile##*/}

python3 "$here/service.py" >"$work/service" 2>"$work/service.err" &
pids+=($!)
within test -s "$work/service" || exit 1
settings_are() { # [LINE...]: more lines
  mkdir -p "$settings" "$state"
  {
    printf '[tunnel]\ncloudflared = %s\nservice = "http://127.0.0.1:%s"\n' "'C:\\rig\\cloudflared.exe'" "$(<"$work/service")"
    if [ $# -gt 0 ]; then printf '%s\n' "$@"; fi
  } >"$settings/config.toml"
}
settings_are

# start_tray [ARGUMENT...]: starts the program with its icon; its process id is in $tray.
start_tray() {
  /usr/bin/env wine 'C:\rig\Spot Serve\spot-serve.exe' "$@" </dev/null >"$work/tray.out" 2>&1 &
  within answers || return 1
  tray=$(unix_pids "$tray_program")
}
answers() { spot_serve list </dev/null >"$work/answer" 2>&1 && ! grep -q 'is not running' "$work/answer"; }

# unix_pids PATH: prints the Unix process ids of this prefix's processes that run this Windows
# program.
unix_pids() {
  local proc
  for proc in /proc/[0-9]*; do
    if grep -qzF -- "$1" "$proc/cmdline" 2>/dev/null &&
      [[ $(readlink "$proc/exe") == */wine* ]] &&
      grep -qzxF "WINEPREFIX=$WINEPREFIX" "$proc/environ" 2>/dev/null; then
      echo "${proc#/proc/}"
    fi
  done
}
runs() { [ -n "$(unix_pids "$1")" ]; }
runs_not() { ! runs "$1"; }
tray_program='Spot Serve\spot-serve.exe'
sidecar_program='rig\cloudflared.exe'
registry() { wine reg query "$1" ${2+/v "$2"} 2>/dev/null | without_cr; }

# menu_at N ROWS SEPARATORS ROW ABOVE: moves the mouse to a row of the Nth open menu, counted from
# the one opened last. The menu has this many rows and separators, and ABOVE separators above the
# row. The height of a row depends on the font; that of borders and separators doesn't.
menu_at() {
  local place left top right bottom above=$5
  place=$(wine 'C:\rig\menus.exe' | without_cr | sed -n "$1p")
  [ -n "$place" ] || return 1
  read -r left top right bottom <<<"$place"
  local row=$(((bottom - top - 6 - 9 * $3) / $2))
  xdotool mousemove $(((left + right) / 2)) $((top + 3 + 9 * above + row * $4 - row / 2))
}
picture() { mkdir -p "$target/screenshots"; import -window root "$target/screenshots/$1.png"; }
