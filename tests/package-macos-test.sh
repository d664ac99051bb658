#!/usr/bin/env bash
# Needs: packages
# Tests what can be tested of the macOS package without a Mac: the layout of the application
# bundle, with a stand-in for the program, and the order in which the image is signed, with
# stand-ins for Apple's tools. None of this was run on a Mac.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/report.sh
. tests/report.sh
# shellcheck source=tests/release_server.sh
. tests/release_server.sh
export CARGO_TARGET_DIR=$work/target SPOT_SERVE_PROGRAM=$work/program SPOT_SERVE_PINS=$work/pins.toml SPOT_SERVE_VERSION=7.8.9

printf '#!/bin/sh\nprintf "%%s|" "$@" >"%s/called"\n' "$work" >"$work/program"
chmod 755 "$work/program"
mkdir "$work/inner"
echo "stands in for cloudflared" >"$work/inner/cloudflared"
tar -czf "$work/served/tool.tgz" -C "$work/inner" cloudflared
serve_releases
cat >"$SPOT_SERVE_PINS" <<END
version = "1.2.3"
url = "$releases/good/{asset}"
$(pin aarch64-apple-darwin tool.tgz "$work/served/tool.tgz")
archive = "tgz"
binary_sha256 = "$(sha256 "$work/inner/cloudflared")"
END

app="$work/apps/Spot Serve.app"
plist() { # FILE EXPRESSION: of what the property list holds, in p
  python3 -c 'import plistlib, sys; p = plistlib.load(open(sys.argv[1], "rb")); assert eval(sys.argv[2]), p' "$@"
}
it "the application bundle is prepared" installer/macos/app.sh aarch64-apple-darwin "$work/apps"
info=$app/Contents/Info.plist
it "it has no icon in the Dock" plist "$info" 'p["LSUIElement"] is True'
it "it is for macOS 12 and later" plist "$info" 'p["LSMinimumSystemVersion"] == "12.0"'
it "it has its version" plist "$info" 'p["CFBundleShortVersionString"] == p["CFBundleVersion"] == "7.8.9"'
it "it starts the program" test -x "$app/Contents/MacOS/$(python3 -c 'import plistlib, sys; print(plistlib.load(open(sys.argv[1], "rb"))["CFBundleExecutable"])' "$info")"
it "its icon is there" test -s "$app/Contents/Resources/$(python3 -c 'import plistlib, sys; print(plistlib.load(open(sys.argv[1], "rb"))["CFBundleIconFile"])' "$info").icns"
it "in all sizes" sh -c 'icns2png -l "$1"/Contents/Resources/spot-serve.icns | tee "$2" && test "$(grep -cE "(16x16|32x32|48x48|128x128|256x256|512x512)" "$2")" -ge 6' sh "$app" "$work/sizes"
it "its sidecar is next to the program" cmp "$work/inner/cloudflared" "$app/Contents/MacOS/cloudflared-aarch64-apple-darwin"
it "with nothing that can't be signed" equal "cloudflared-aarch64-apple-darwin spot-serve" "$(cd "$app/Contents/MacOS" && echo *)"
it "it knows how it was installed" equal dmg "$(<"$app/Contents/Resources/installed-as")"
it "licences are among the resources" test -s "$app/Contents/Resources/cloudflared-LICENSE.txt" -a -s "$app/Contents/Resources/cloudflared-NOTICE.txt"
installer/macos/app.sh --without-sidecar aarch64-apple-darwin "$work/apps" >/dev/null 2>&1
it "it can be built without a sidecar" equal spot-serve "$(cd "$app/Contents/MacOS" && echo *)"

action="installer/macos/Share with Spot Serve.workflow/Contents"
for file in "$action/Info.plist" "$action/document.wflow"; do
  it "${file##*/} of the quick action is a property list" plist "$file" 'p'
done
it "Finder offers it for whatever is selected" plist "$action/Info.plist" \
  'p["NSServices"][0]["NSSendFileTypes"] == ["public.item"] and p["NSServices"][0]["NSMessage"] == "runWorkflowAsService"'
python3 -c 'import plistlib, sys; print("#!/bin/sh\n" + plistlib.load(open(sys.argv[1], "rb"))["actions"][0]["action"]["ActionParameters"]["COMMAND_STRING"])' \
  "$action/document.wflow" >"$work/action.sh"
if command -v shellcheck >/dev/null; then it "its script is sound" shellcheck "$work/action.sh"; fi
mkdir -p "$work/home/Applications" && mv "$app" "$work/home/Applications/"
HOME=$work/home sh "$work/action.sh" "/Users/ann/My Photos" -x
it "it shares what is selected" equal "share|--desktop|--|/Users/ann/My Photos|-x|" "$(cat "$work/called" 2>&1)"

it "without a Mac's tools no image is built" fails env PATH=/usr/bin:/bin installer/macos/dmg.sh aarch64-apple-darwin
mkdir "$work/mac"
for tool in codesign hdiutil xcrun; do
  printf '#!/bin/sh\necho "%s $*" >>"%s/calls"\nfor last; do :; done\nif [ %s = hdiutil ]; then : >"$last"; fi\n' $tool "$work" $tool >"$work/mac/$tool"
done
chmod 755 "$work"/mac/*
made() { PATH=$work/mac:$PATH installer/macos/dmg.sh aarch64-apple-darwin >"$work/made"; }
calls() { sed "s,$work/target/packages/,,g; s,dmg-[a-z0-9-]*/,,; s,-srcfolder [^ ]* ,," "$work/calls"; }
it "an image is built" made
it "it is where the script says" test -f "$(cat "$work/made")"
it "it has its version and its target in its name" equal SpotServe-7.8.9-macos-aarch64.dmg "$(basename "$(cat "$work/made")")"
it "without an identity it is signed for this Mac only" equal "codesign --force --sign - Spot Serve.app
codesign --verify --strict Spot Serve.app
hdiutil create -quiet -volname Spot Serve -format UDZO SpotServe-7.8.9-macos-aarch64.dmg
codesign --force --sign - SpotServe-7.8.9-macos-aarch64.dmg" "$(calls)"
rm "$work/calls"
CODESIGN_IDENTITY="Developer ID Application: Ann" NOTARY_PROFILE=ann made
it "with an identity it is signed and notarized" equal "codesign --force --sign Developer ID Application: Ann --options runtime --timestamp Spot Serve.app
codesign --verify --strict Spot Serve.app
hdiutil create -quiet -volname Spot Serve -format UDZO SpotServe-7.8.9-macos-aarch64.dmg
codesign --force --sign Developer ID Application: Ann --options runtime --timestamp SpotServe-7.8.9-macos-aarch64.dmg
xcrun notarytool submit SpotServe-7.8.9-macos-aarch64.dmg --keychain-profile ann --wait
xcrun stapler staple SpotServe-7.8.9-macos-aarch64.dmg" "$(calls)"
skip "the application starts on macOS" "there is no Mac here"
finish
