#!/usr/bin/env bash
# Writes a software bill of materials in CycloneDX format for each target: all linked crates and the
# included cloudflared.
#
# usage: installer/sbom.sh DIRECTORY
set -euo pipefail
into=$(mkdir -p "${1:?usage: sbom.sh DIRECTORY}" && cd "$1" && pwd)
cd "$(dirname "$0")/.."
tool=$(installer/tool.sh cargo-cyclonedx)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' binaries/cloudflared.toml)
for target in $(sed -n 's/^\[\(.*\)\]/\1/p' binaries/cloudflared.toml); do
  file=spot-serve-$target.cdx
  "$tool" cyclonedx --quiet --format json --target "$target" --no-build-deps --override-filename "$file"
  rm -f "edge/$file.json"
  mv "$file.json" "$into/"
  python3 - "$into/$file.json" "$version" <<'END'
import json
import sys

name, version = sys.argv[1:]
with open(name, encoding="utf-8") as file:
    bom = json.load(file)
bom["components"].append({
    "type": "application",
    "bom-ref": f"pkg:github/cloudflare/cloudflared@{version}",
    "name": "cloudflared",
    "version": version,
    "purl": f"pkg:github/cloudflare/cloudflared@{version}",
    "licenses": [{"license": {"id": "Apache-2.0"}}],
})
with open(name, "w", encoding="utf-8") as file:
    json.dump(bom, file, indent=1)
END
done
