# Variables for package names. Sourced by the packaging scripts, in the root of the checkout.
# shellcheck shell=bash disable=SC2034
version=${SPOT_SERVE_VERSION:-$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)}
machine=$(uname -m)
target=${CARGO_TARGET_DIR:-$PWD/target}
packages=$target/packages
root=$target/release/packages/root
# For reproducible packages, all dates are the date of the last commit.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
mkdir -p "$packages"
