#!/usr/bin/env bash
# Renders icons/svg/ (written by draw.py) to the pictures that the program and the
# installers use. All of them are committed: nobody needs these tools to build.
# Needs rsvg-convert (librsvg2-bin) and ImageMagick.
set -euo pipefail
cd "$(dirname "$0")"

im=
for candidate in magick convert-im6 convert; do
  if command -v "$candidate" >/dev/null; then im=$candidate; break; fi
done
if [ -z "$im" ] || ! command -v rsvg-convert >/dev/null; then
  echo "icons/render.sh needs rsvg-convert and ImageMagick (Debian: librsvg2-bin imagemagick)" >&2
  exit 1
fi

python3 draw.py
rm -rf png rgba
mkdir png rgba

# Timestamps and the like would make every run a change in git.
plain=(-strip -define 'png:exclude-chunks=date,time')
svg_to_png() { # SVG SIZE OUT
  rsvg-convert --width "$2" --height "$2" "$1" | "$im" png:- "${plain[@]}" "PNG32:$3"
}
# The program shows raw pixels (RGBA, 4 bytes each, rows from the top), so that it
# carries no picture decoder.
png_to_rgba() { "$im" "$1" -depth 8 "RGBA:$2"; }

for state in idle busy online problem; do
  for size in 16 32 48 64; do
    svg_to_png "svg/tray-$state.svg" "$size" "png/tray-$state-$size.png"
  done
  svg_to_png "svg/tray-$state-22.svg" 22 "png/tray-$state-22.png"
  # 24 is the drawing for 22 with a margin of one pixel: a scaled one would be blurred.
  "$im" "png/tray-$state-22.png" -background none -gravity center -extent 24x24 \
    "${plain[@]}" "PNG32:png/tray-$state-24.png"
  for size in 16 22 24 32 48 64; do
    png_to_rgba "png/tray-$state-$size.png" "rgba/tray-$state-$size.rgba"
  done
  # macOS: black and alpha, 22 points at one and two pixels a point.
  for size in 22 44; do
    svg_to_png "svg/tray-$state-template.svg" "$size" "png/tray-$state-template-$size.png"
  done
  png_to_rgba "png/tray-$state-template-44.png" "rgba/tray-$state-template-44.rgba"
done

for size in 16 22 24 32; do svg_to_png svg/app-small.svg "$size" "png/app-$size.png"; done
for size in 48 64 128 256 512; do svg_to_png svg/app.svg "$size" "png/app-$size.png"; done
"$im" png/app-{16,24,32,48,64,128,256}.png app.ico
