#!/usr/bin/env bash
# Renders icons/svg/ (written by draw.py) to the image files that Spot Serve and its packages use.
# The results are committed, so builds don't need these tools.
# Requires rsvg-convert (librsvg2-bin) and ImageMagick.
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

# Leave out timestamps, so that the files change only when the images do.
plain=(-strip -define 'png:exclude-chunks=date,time')
svg_to_png() { # SVG SIZE OUT
  rsvg-convert --width "$2" --height "$2" "$1" | "$im" png:- "${plain[@]}" "PNG32:$3"
}
# The tray uses raw pixels (RGBA, 4 bytes each, top row first).
png_to_rgba() { "$im" "$1" -depth 8 "RGBA:$2"; }

for state in idle busy online problem; do
  for size in 16 32 48 64; do
    svg_to_png "svg/tray-$state.svg" "$size" "png/tray-$state-$size.png"
  done
  svg_to_png "svg/tray-$state-22.svg" 22 "png/tray-$state-22.png"
  # 24 is the 22-pixel image with a margin of one pixel, because scaling would blur it.
  "$im" "png/tray-$state-22.png" -background none -gravity center -extent 24x24 \
    "${plain[@]}" "PNG32:png/tray-$state-24.png"
  for size in 16 22 24 32 48 64; do
    png_to_rgba "png/tray-$state-$size.png" "rgba/tray-$state-$size.rgba"
  done
  # macOS: black with alpha, 22 points at one and two pixels per point.
  for size in 22 44; do
    svg_to_png "svg/tray-$state-template.svg" "$size" "png/tray-$state-template-$size.png"
  done
  png_to_rgba "png/tray-$state-template-44.png" "rgba/tray-$state-template-44.rgba"
done

for size in 16 22 24 32; do svg_to_png svg/app-small.svg "$size" "png/app-$size.png"; done
for size in 48 64 128 256 512; do svg_to_png svg/app.svg "$size" "png/app-$size.png"; done
"$im" png/app-{16,24,32,48,64,128,256}.png app.ico
