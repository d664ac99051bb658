# Sourced by the scripts that make packages, in the checkout: what goes into their names.
# shellcheck shell=bash disable=SC2034
version=${SPOT_SERVE_VERSION:-$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)}
machine=$(uname -m)
target=${CARGO_TARGET_DIR:-$PWD/target}
packages=$target/packages
# Cargo.toml names the same place for the .deb: [package.metadata.deb].
root=$target/release/packages/root
# The same sources give the same package: its dates are those of the last change.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
mkdir -p "$packages"
