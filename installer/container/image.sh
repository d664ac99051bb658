#!/usr/bin/env bash
# Builds the container image for servers, and prints the path of its archive, for `docker load`:
#
#     docker run --rm --volume ~/Photos:/data:ro ghcr.io/OWNER/spot-serve
#
# The link is on standard output. The image has no shell and no package manager.
#
# usage: installer/container/image.sh [--root] [--without-sidecar]
#
#   --root   only prepare the directory that becomes the image, and print its path
#
# Needs buildah (or docker), and ca-certificates. For variables see installer/linux/stage.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
# shellcheck source=installer/linux/version.sh
. installer/linux/version.sh
only_root=
if [ "${1-}" = --root ]; then only_root=1; shift; fi

context=$target/container
rm -rf "$context"
mkdir -p "$context"
"$here/../linux/stage.sh" "$@" "$context/stage" container
image=$context/root
mkdir -p "$image"/{data,etc/ssl/certs,usr/bin,usr/lib/spot-serve,usr/share/doc,var/lib}
cp -a "$context"/stage/usr/lib/spot-serve/. "$image/usr/lib/spot-serve/"
cp -a "$context/stage/usr/bin/spot-serve" "$image/usr/bin/"
cp -a "$context/stage/usr/share/doc/spot-serve" "$image/usr/share/doc/"
# The libraries, with what their licences ask for.
program=$image/usr/lib/spot-serve/spot-serve
for library in $(ldd "$program" | grep -o '/[^ ]*'); do
  install -D -m 755 "$(realpath "$library")" "$image$library"
  if package=$(dpkg -S "$(realpath "$library")" 2>/dev/null); then
    package=${package%%:*}
    if [ -f "/usr/share/doc/$package/copyright" ]; then
      install -D -m 644 "/usr/share/doc/$package/copyright" "$image/usr/share/doc/$package/copyright"
    fi
  fi
done
install -m 644 /etc/ssl/certs/ca-certificates.crt "$image/etc/ssl/certs/"
echo 'hosts: files dns' >"$image/etc/nsswitch.conf"
printf 'root:x:0:0::/:/\nspot-serve:x:65532:65532::/var/lib/spot-serve:/\n' >"$image/etc/passwd"
printf 'root:x:0:\nspot-serve:x:65532:\n' >"$image/etc/group"
# For whichever user the container runs as.
mkdir -m 1777 "$image/var/lib/spot-serve" "$image/tmp"
find "$image" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
rm -r "$context/stage"
if [ -n "$only_root" ]; then echo "$image"; exit; fi

archive=$packages/spot-serve-$version-container-$machine.tar
rm -f "$archive"
cp "$here/Containerfile" "$context/"
if command -v buildah >/dev/null; then
  # Docker's format has the health check; OCI's own doesn't.
  buildah build --isolation chroot --format docker --timestamp "$SOURCE_DATE_EPOCH" --tag "spot-serve:$version" "$context" >&2
  buildah push "spot-serve:$version" "docker-archive:$archive:spot-serve:$version" >&2
else
  docker build --tag "spot-serve:$version" --file "$context/Containerfile" "$context" >&2
  docker save --output "$archive" "spot-serve:$version"
fi
echo "$archive"
