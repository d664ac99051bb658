#!/usr/bin/env bash
# Needs: packages
# The recipes of the shops are filled in for a release, and say where its files are and what they are;
# apt installs from the repository; the unit for servers is as confined as it says.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/report.sh
. tests/report.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SPOT_SERVE_VERSION=9.8.7 SPOT_SERVE_REPOSITORY=someone/spot-serve CARGO_TARGET_DIR=$work/target

# A release with an archive and a package of the right form, and nothing in the others.
release=$work/release
folder=spot-serve-9.8.7-linux-x86_64
mkdir -p "$release" "$work/$folder/share/zsh/vendor-completions" "$work/$folder/systemd/user" "$work/deb/DEBIAN"
for file in spot-serve cloudflared-x86_64-unknown-linux-gnu cloudflared-LICENSE.txt LICENSE systemd/user/spot-serve@.service; do
  echo "$file" >"$work/$folder/$file"
done
tar -C "$work" -czf "$release/$folder.tar.gz" "$folder"
for file in spot-serve-9.8.7-{linux-aarch64.tar.gz,windows-x86_64-setup.exe,windows-x86_64.zip} SpotServe-9.8.7-macos-{aarch64,x86_64}.dmg; do
  echo "$file" >"$release/$file"
done
printf 'Package: spot-serve\nVersion: 9.8.7-1\nArchitecture: all\nMaintainer: a <a@example.com>\nDescription: a\n' >"$work/deb/DEBIAN/control"
dpkg-deb --root-owner-group -Znone -b "$work/deb" "$release/spot-serve_9.8.7-1_all.deb" >/dev/null

shops=$work/shops
it "the recipes are filled in" installer/shops.sh "$release" "$shops"
it "nothing is left to fill in" fails grep -rE '@[A-Z0-9]+[:@]' "$shops"
sha256() { sha256sum <"$release/$1" | cut -d' ' -f1; }
it "winget gets the installer" grep -q "InstallerSha256: $(sha256 spot-serve-9.8.7-windows-x86_64-setup.exe)" "$shops/winget/SpotServe.SpotServe.installer.yaml"
it "Scoop gets the archive" equal "$(sha256 spot-serve-9.8.7-windows-x86_64.zip)" \
  "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["architecture"]["64bit"]["hash"])' "$shops/scoop/spot-serve.json")"
it "Homebrew gets both images" grep -q "intel: \"$(sha256 SpotServe-9.8.7-macos-x86_64.dmg)\"" "$shops/homebrew/spot-serve.rb"
# As makepkg does: the functions and arrays of the recipe, in Bash.
packs() {
  (
    set -e
    # shellcheck source=/dev/null
    . "$shops/arch/PKGBUILD"
    # shellcheck disable=SC2154
    test "${sha256sums_x86_64[0]}" = "$(sha256 "${source_x86_64[0]##*/}")"
    # shellcheck disable=SC2034
    CARCH=x86_64 pkgdir=$work/arch
    cd "$work"
    package
    test "$(<"$pkgdir/usr/lib/spot-serve/installed-as")" = aur
    test "$(readlink -f "$pkgdir/usr/bin/spot-serve")" = "$pkgdir/usr/lib/spot-serve/spot-serve"
    test -x "$pkgdir/usr/lib/spot-serve/cloudflared-x86_64-unknown-linux-gnu" -a -f "$pkgdir/usr/lib/systemd/user/spot-serve@.service"
  )
}
it "the AUR's recipe packs the archive" packs
rm "$release/spot-serve-9.8.7-windows-x86_64.zip"
it "a release without one of the files fills in nothing of it" fails installer/shops.sh "$release" "$shops"

# The commands of the Flatpak manifest that name its files, with another place for /app. Flatpak shows the desktop
# only files that are named like the application.
id=io.github.spot_serve.SpotServe
names_files() {
  local app=$work/app
  mkdir -p "$app/share/applications" "$app/share/metainfo" || return 1
  icons/install.sh "$app/share" && cp installer/linux/spot-serve.desktop "$app/share/applications/" &&
    sed 's/@VERSION@/9.8.7/; s/@DATE@/2026-01-02/' installer/linux/metainfo.xml >"$app/share/metainfo/$id.metainfo.xml" || return 1
  sed -n '/cp -r target.root.usr.share/,/^    sources:/s/^      - //p' "installer/flatpak/$id.yml" | sed "1d; s,/app/,$app/,g" >"$work/names"
  test -s "$work/names" && bash -eu "$work/names" || return 1
  test -z "$(find "$app/share/icons" "$app/share/applications" -type f ! -name "$id*")" || return 1
  desktop-file-validate "$app/share/applications/$id.desktop" && grep -qx "Icon=$id" "$app/share/applications/$id.desktop" &&
    appstreamcli validate --no-net "$app/share/metainfo/$id.metainfo.xml" &&
    grep -q "<launchable type=\"desktop-id\">$id.desktop<" "$app/share/metainfo/$id.metainfo.xml" &&
    test -s "$app/share/icons/hicolor/symbolic/apps/$id-idle-symbolic.svg"
}
it "Flatpak's files are named like the application" names_files

# A key of its own.
export GNUPGHOME=$work/gnupg
mkdir -m 700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-generate-key maintainers@example.com ed25519 sign 1d 2>/dev/null
cp "$release/spot-serve_9.8.7-1_all.deb" "$work/"
it "the repositories are laid out" env SPOT_SERVE_SIGNING_KEY=maintainers@example.com installer/repositories.sh "$release" "$work/site"
# An apt that knows nothing of this system.
mkdir -p "$work"/apt/{lists/partial,cache/archives/partial,etc}
touch "$work/apt/status"
echo "deb [signed-by=$work/site/spot-serve.gpg] file:$work/site/apt stable main" >"$work/apt/etc/sources.list"
apt() {
  apt-get -qq -o APT::Sandbox::User=root -o Dir::State="$work/apt" -o Dir::State::status="$work/apt/status" -o Dir::Cache="$work/apt/cache" \
    -o Dir::Etc="$work/apt/etc" -o Dir::Etc::parts=none -o Acquire::Languages=none "$@"
}
it "apt accepts their signature" apt update
downloads() { (cd "$work/apt" && apt download spot-serve) && cmp "$work/apt/spot-serve_9.8.7-1_all.deb" "$release/spot-serve_9.8.7-1_all.deb"; }
it "and downloads the package" downloads
echo >>"$work/site/apt/dists/stable/Release"
sed -i 's/^Suite: stable/Suite: changed/' "$work/site/apt/dists/stable/InRelease"
it "but not after somebody changed it" fails apt -o APT::Update::Error-Mode=any update

it "there is one for dnf and zypper" test -s "$work/site/rpm/repodata/repomd.xml" -a -s "$work/site/rpm/repodata/repomd.xml.asc"

unit=installer/linux/systemd/spot-serve@.service
exposure() { systemd-analyze security --offline=true --no-pager "$unit" 2>&1 | sed -n 's/.*level for .*: \([0-9.]*\) .*/\1/p'; }
is_below() { echo "$1"; awk -v is="$1" -v limit="$2" 'BEGIN { exit !(is != "" && is < limit) }'; }
it "the unit for servers is confined" is_below "$(exposure)" 2.0
finish
