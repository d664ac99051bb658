#!/usr/bin/env bash
# Fails if a tag doesn't match the version in Cargo.toml.
#
# usage: installer/check-tag.sh vVERSION
set -euo pipefail
tag=${1:?usage: check-tag.sh vVERSION}
cd "$(dirname "$0")/.."
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
if [ "$tag" != "v$version" ]; then
  echo "The tag $tag does not match version $version in Cargo.toml. Change one of them." >&2
  exit 1
fi
