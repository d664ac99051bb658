#!/usr/bin/env bash
# Needs: scripts
# Checks every shell script of the repository with shellcheck.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/report.sh
. tests/report.sh

# Scripts are recognised by their name or by their first line.
scripts() {
  find . \( -name target -o -name node_modules -o -name .git \) -prune -o -type f -print0 |
    while IFS= read -r -d '' file; do
      case $file in
        *.sh) echo "$file" ;;
        *.*) ;;
        *) if head -c 100 "$file" | head -1 | grep -qE '^#!/(usr/)?bin/(env )?(ba)?sh$'; then echo "$file"; fi ;;
      esac
    done | sort
}
mapfile -t found < <(scripts)
it "there are scripts to check" test ${#found[@]} -gt 20
for file in "${found[@]}"; do
  it "${file#./} passes shellcheck" shellcheck --external-sources --severity=warning "$file"
done
finish
