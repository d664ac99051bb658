#!/usr/bin/env bash
# Pushes the container images of a release to a registry, as one image for all machines.
#
# usage: installer/container/push.sh RELEASE IMAGE
#
#   RELEASE   the folder with the archives that image.sh made
#   IMAGE     where the image goes, such as ghcr.io/owner/spot-serve
#
# Needs docker, logged in at the registry. For SPOT_SERVE_VERSION see installer/linux/stage.sh.
set -euo pipefail
if [ $# != 2 ]; then sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0" >&2; exit 2; fi
release=$(cd "$1" && pwd)
image=${2,,}
cd "$(dirname "$0")/../.."
# shellcheck source=installer/linux/version.sh
. installer/linux/version.sh
images=()
for archive in "$release/spot-serve-$version"-container-*.tar; do
  arch=${archive##*-container-}
  docker load --input "$archive"
  docker tag "spot-serve:$version" "$image:$version-${arch%.tar}"
  docker push "$image:$version-${arch%.tar}"
  images+=("$image:$version-${arch%.tar}")
done
for tag in "$version" latest; do
  docker buildx imagetools create --tag "$image:$tag" "${images[@]}"
done
