#!/usr/bin/env bash
# Needs: desktop cloudflared netns
# QR codes are read by a scanner: from the picture that the menu opens, from files, and from
# screenshots of a terminal, light and dark.
set -uo pipefail
# shellcheck source=tests/desktop/lib.sh
. "$(dirname "$0")/lib.sh"

# command_ ARGUMENT...: a command of the program, whose standard output is no terminal; what it
# printed is in the files said and complained.
command_() { inside "$program" "$@" >"$work/said" 2>"$work/complained"; }
said() { cat "$work/said"; }
complained() { grep -qF "$1" "$work/complained" || { cat "$work/complained"; return 1; }; }
is_status() { local want=$1; shift; "$@"; equal "$want" $?; }
# scanned PICTURE: what the scanner reads in it. A camera doesn't see the thin lines between the rows
# of a terminal either.
scanned() {
  convert "$1" -blur 0x1 "$work/seen.png" || return
  zbarimg --quiet --raw -Sdisable -Sqrcode.enable "$work/seen.png" 2>/dev/null
}
reads() { equal "$link" "$(scanned "$1")"; }
qr_pictures() { find "$run/rt/spot-serve" -name '*qr*'; }
has_no_picture() { [ -z "$(qr_pictures)" ]; }

# in_terminal BACKGROUND FOREGROUND PICTURE COMMAND...: what a terminal of these colours shows
# after the command.
in_terminal() {
  local background=$1 foreground=$2 picture=$3 terminal
  shift 3
  rm -f "$work/drawn"
  "$here/bin/in-desktop" "$run" terminal "$background" "$foreground" "$work/drawn" "$@" 8>&- 9>&- &
  terminal=$!
  # The terminal may still be drawing when the command has ended.
  within is_read_from_screen "$picture"
  local status=$?
  kill "$terminal"; wait "$terminal" 2>/dev/null
  return $status
}
is_read_from_screen() {
  [ -e "$work/drawn" ] && inside screenshot "$1" && [ "$(scanned "$1")" = "$link" ]
}

open_edge
it "a desktop comes up" open_desktop whole
mkdir "$work/Holiday" "$work/Work"
recent "$work/Holiday"
start_program
it "the program is there" tray wait 'Recent Folders'
it "nothing is shared, and qr says so" is_status 1 command_ qr
it "in words" complained "Nothing is shared."

it "share --qr shares" is_status 0 command_ share --qr "$work/Holiday"
link=$(said)
it "only the link is on standard output" equal 1 "$(said | grep -cE '^https://[a-z0-9-]+\.trycloudflare\.com$')"
it "the code is on standard error" complained '▀'
it "without colours, as it is no terminal" fails grep -q $'\e' "$work/complained"
grep '[▀▄█]\|^ *$' "$work/complained" >"$work/plain"
it "a scanner reads it where the text is black on white" \
  in_terminal white black "$work/plain.png" cat "$work/plain"

it "qr draws the code" is_status 0 command_ qr
it "the same one" equal "$(cat "$work/plain")" "$(said)"
it "by the name of the share" is_status 0 command_ qr Holiday
it "by its path" is_status 0 command_ qr "$work/Holiday"
it "by its link" is_status 0 command_ qr "$link"
it "what is not shared has none" is_status 1 command_ qr Nothing
it "and is named" complained "Nothing is not shared"

for colors in 'black white dark' 'white black light'; do
  read -r background foreground name <<<"$colors"
  it "a scanner reads it from a $name terminal" \
    in_terminal "$background" "$foreground" "$pictures/qr-code-$name.png" "$program" qr
done
it "and what share --qr draws there" \
  in_terminal black white "$work/share.png" "$program" share --qr "$work/Holiday"

it "it is written as PNG and SVG" is_status 0 command_ qr --png "$work/code.png" --svg "$work/code.svg"
it "nothing is drawn then" equal '' "$(said)"
it "a scanner reads the PNG" reads "$work/code.png"
rsvg-convert "$work/code.svg" -o "$work/svg.png"
it "a scanner reads the SVG" reads "$work/svg.png"
it "the PNG goes to standard output" is_status 0 command_ qr --png -
it "whole" cmp "$work/said" "$work/code.png"
it "a file that can't be written is named" is_status 1 command_ qr --svg "$work/nowhere/a.svg"
it "in words" complained "$work/nowhere/a.svg"

it "Show QR Code is clicked" tray click 'Holiday – *>Show QR Code'
it "a picture is opened" within grep -q '\.png$' "$run/browser.log"
picture=$(grep '\.png$' "$run/browser.log" | tail -1)
it "a scanner reads it" reads "$picture"
it "only its owner can" equal 600 "$(stat -c %a "$picture")"
it "a second share comes" is_status 0 command_ share "$work/Work"
it "now qr has to be told which" is_status 1 command_ qr
it "in words" complained "There are several shares."
it "the first one ends" is_status 0 command_ stop Holiday
it "its picture goes with it" within has_no_picture

link=$(command_ share "$work/Work"; said)
it "the code of the other one is shown" tray click 'Work – *>Show QR Code'
it "it is there" within test -n "$(within grep -q '2\.png$' "$run/browser.log"; qr_pictures)"
it "quit ends the program" is_status 0 command_ quit
it "with 0" ended 0
it "and nothing of it is left" has_no_picture
close_desktop
finish
