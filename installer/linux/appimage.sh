#!/usr/bin/env bash
# Builds the AppImage, a single file that runs on any Linux, and prints its path.
#
# usage: installer/linux/appimage.sh [--appdir] [--without-sidecar]
#
#   --appdir   build only the directory that goes into it; its AppRun starts the program too
#
# appimagetool and the AppImage runtime are downloaded once and verified by SHA-256.
# APPIMAGETOOL=FILE uses another appimagetool, with its own runtime. For other variables see stage.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
# shellcheck source=installer/linux/version.sh
. installer/linux/version.sh
only_folder=
if [ "${1-}" = --appdir ]; then only_folder=1; shift; fi
tools=$target/tools
# fetch FILE SHA256 URL: downloads and verifies a file in $tools.
fetch() {
  if [ -f "$tools/$1" ]; then return; fi
  mkdir -p "$tools"
  echo "Downloading $3" >&2
  if ! curl -fsSL --connect-timeout 15 --retry 2 -o "$tools/$1.part" "$3"; then
    rm -f "$tools/$1.part"
    echo "No AppImage was built: $3 can't be downloaded. Build it where github.com can be reached," \
      "or set APPIMAGETOOL to an installed appimagetool." >&2
    exit 1
  fi
  if [ "$(sha256sum <"$tools/$1.part")" != "$2  -" ]; then
    rm -f "$tools/$1.part"
    echo "No AppImage was built: $3 does not have the expected SHA-256." >&2
    exit 1
  fi
  chmod 755 "$tools/$1.part"
  mv "$tools/$1.part" "$tools/$1"
}
case $machine in
  x86_64)
    tool_sha256=ed4ce84f0d9caff66f50bcca6ff6f35aae54ce8135408b3fa33abfc3cb384eb0
    start_sha256=2fca8b443c92510f1483a883f60061ad09b46b978b2631c807cd873a47ec260d
    ;;
  aarch64)
    tool_sha256=f0837e7448a0c1e4e650a93bb3e85802546e60654ef287576f46c71c126a9158
    start_sha256=00cbdfcf917cc6c0ff6d3347d59e0ca1f7f45a6df1a428a0d6d8a78664d87444
    ;;
  *) echo "AppImages for $machine are not supported." >&2; exit 1 ;;
esac
if [ -n "${APPIMAGETOOL-}" ]; then
  tool=("$APPIMAGETOOL")
elif [ -z "$only_folder" ]; then
  fetch appimagetool-1.9.1 $tool_sha256 \
    "https://github.com/AppImage/appimagetool/releases/download/1.9.1/appimagetool-$machine.AppImage"
  fetch appimage-runtime-20251108 $start_sha256 \
    "https://github.com/AppImage/type2-runtime/releases/download/20251108/runtime-$machine"
  tool=("$tools/appimagetool-1.9.1" --runtime-file "$tools/appimage-runtime-20251108")
fi

appdir=$packages/SpotServe.AppDir
"$here/stage.sh" "$@" "$appdir" appimage
cp "$here/spot-serve.desktop" "$appdir/"
cp icons/svg/app.svg "$appdir/spot-serve.svg"
cp icons/png/app-256.png "$appdir/.DirIcon"
# appimagetool expects the older name.
cp "$appdir"/usr/share/metainfo/*.metainfo.xml "$appdir/usr/share/metainfo/spot-serve.appdata.xml"
# The program finds its files next to itself, so no environment variables are set, which child
# processes would inherit.
cat >"$appdir/AppRun" <<'END'
#!/bin/sh
exec "$(dirname "$(readlink -f "$0")")/usr/lib/spot-serve/spot-serve" "$@"
END
chmod 755 "$appdir/AppRun"
if [ -n "$only_folder" ]; then echo "$appdir"; exit; fi

package=$packages/SpotServe-$version-$machine.AppImage
# appimagetool is an AppImage itself. Extract it instead of mounting it, because FUSE may be missing.
APPIMAGE_EXTRACT_AND_RUN=1 ARCH=$machine "${tool[@]}" "$appdir" "$package" >&2
echo "$package"
