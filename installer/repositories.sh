#!/usr/bin/env bash
# Lays out a repository for apt and one for dnf and zypper, so that systems update Spot Serve with
# everything else. The result is a folder of files for any web server, such as GitHub Pages.
#
# usage: installer/repositories.sh RELEASE INTO
#
#   RELEASE   the folder with the .deb and .rpm files
#   INTO      becomes the root of the site: INTO/apt and INTO/rpm
#
# SPOT_SERVE_SIGNING_KEY=KEY   signs both with this key of gpg. Without it nothing is signed, which apt and
#                              dnf refuse unless they are told to trust the repository.
# Needs dpkg-scanpackages (dpkg-dev), apt-ftparchive (apt-utils) and createrepo_c (createrepo-c).
set -euo pipefail
if [ $# != 2 ]; then sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2; exit 2; fi
for tool in dpkg-scanpackages apt-ftparchive createrepo_c; do
  if ! command -v "$tool" >/dev/null; then
    echo "No repository was made: $tool is missing. Install dpkg-dev, apt-utils and createrepo-c." >&2
    exit 1
  fi
done
mkdir -p "$2"
release=$(cd "$1" && pwd)
into=$(cd "$2" && pwd)
sign() { gpg --batch --yes --local-user "$SPOT_SERVE_SIGNING_KEY" "$@"; }

apt=$into/apt
mkdir -p "$apt/pool"
cp "$release"/*.deb "$apt/pool/"
(
  cd "$apt"
  for architecture in amd64 arm64; do
    folder=dists/stable/main/binary-$architecture
    mkdir -p "$folder"
    dpkg-scanpackages --multiversion --arch "$architecture" pool >"$folder/Packages" 2>/dev/null
    gzip -9nk -f "$folder/Packages"
  done
  rm -f dists/stable/{Release,InRelease,Release.gpg}
  apt-ftparchive -o APT::FTPArchive::Release::Origin="Spot Serve" -o APT::FTPArchive::Release::Label="Spot Serve" \
    -o APT::FTPArchive::Release::Suite=stable -o APT::FTPArchive::Release::Codename=stable \
    -o APT::FTPArchive::Release::Components=main -o APT::FTPArchive::Release::Architectures="amd64 arm64" \
    release dists/stable >"$apt/Release.new"
  mv Release.new dists/stable/Release
  if [ -n "${SPOT_SERVE_SIGNING_KEY-}" ]; then
    sign --clearsign --output dists/stable/InRelease dists/stable/Release
    sign --armor --detach-sign --output dists/stable/Release.gpg dists/stable/Release
  fi
)

rpm=$into/rpm
mkdir -p "$rpm"
find "$release" -name '*.rpm' -exec cp {} "$rpm/" \;
createrepo_c --quiet --update "$rpm"
if [ -n "${SPOT_SERVE_SIGNING_KEY-}" ]; then
  sign --armor --detach-sign --output "$rpm/repodata/repomd.xml.asc" "$rpm/repodata/repomd.xml"
  sign --armor --export "$SPOT_SERVE_SIGNING_KEY" >"$into/spot-serve.asc"
  # apt reads both forms, but older versions only this one, and only by this name.
  sign --export "$SPOT_SERVE_SIGNING_KEY" >"$into/spot-serve.gpg"
fi
cat >"$rpm/spot-serve.repo" <<END
[spot-serve]
name=Spot Serve
baseurl=${SPOT_SERVE_SITE:-https://example.invalid}/rpm
enabled=1
gpgcheck=0
repo_gpgcheck=1
gpgkey=${SPOT_SERVE_SITE:-https://example.invalid}/spot-serve.asc
END
echo "$into"
