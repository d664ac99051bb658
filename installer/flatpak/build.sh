#!/usr/bin/env bash
# Writes the sources of the Flatpak, and builds it with flatpak-builder. Flathub builds from the same two
# files: the manifest and sources.json.
#
# usage: installer/flatpak/build.sh [--sources]
#
#   --sources   only write sources.json, and check the manifest if flatpak-builder is there
#
# Needs flatpak-builder, and the runtime and SDK that the manifest names.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
checkout=$(cd "$here/../.." && pwd)
python3 - "$checkout" >"$here/sources.json.new" <<'END'
import json
import sys
import tomllib

checkout = sys.argv[1]


def read(name):
    with open(f"{checkout}/{name}", "rb") as file:
        return tomllib.load(file)


sources = []
for crate in read("Cargo.lock")["package"]:
    if "source" not in crate:
        continue
    name = f"{crate['name']}-{crate['version']}"
    sources += [
        {
            "type": "archive",
            "archive-type": "tar-gzip",
            "url": f"https://static.crates.io/crates/{crate['name']}/{name}.crate",
            "sha256": crate["checksum"],
            "dest": f"cargo/vendor/{name}",
        },
        {
            "type": "inline",
            "contents": json.dumps({"package": crate["checksum"], "files": {}}),
            "dest": f"cargo/vendor/{name}",
            "dest-filename": ".cargo-checksum.json",
        },
    ]
sources.append({
    "type": "inline",
    "contents": '[source.crates-io]\nreplace-with = "vendored"\n[source.vendored]\ndirectory = "cargo/vendor"\n',
    "dest": ".cargo",
    "dest-filename": "config.toml",
})
pins = read("binaries/cloudflared.toml")
for machine in "x86_64", "aarch64":
    pin = pins[f"{machine}-unknown-linux-gnu"]
    url = pins["url"].replace("{version}", pins["version"]).replace("{asset}", pin["asset"])
    sources.append({
        "type": "file",
        "only-arches": [machine],
        "url": url,
        "sha256": pin["sha256"],
        "dest-filename": "cloudflared",
    })
json.dump(sources, sys.stdout, indent=1)
END
mv "$here/sources.json.new" "$here/sources.json"
manifest=$here/io.github.spot_serve.SpotServe.yml
target=${CARGO_TARGET_DIR:-$checkout/target}
mkdir -p "$target/packages"
# It leaves a folder where it runs.
cd "$target"
if command -v flatpak-builder >/dev/null; then flatpak-builder --show-manifest "$manifest" >/dev/null; fi
if [ "${1-}" = --sources ]; then echo "$here/sources.json"; exit; fi
flatpak-builder --force-clean --repo="$target/flatpak-repo" "$target/flatpak" "$manifest" >&2
flatpak build-bundle "$target/flatpak-repo" "$target/packages/spot-serve.flatpak" io.github.spot_serve.SpotServe >&2
echo "$target/packages/spot-serve.flatpak"
