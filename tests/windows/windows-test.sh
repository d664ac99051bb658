#!/usr/bin/env bash
# Needs: windows
# The program for Windows, built here and run under Wine: what it serves, its console, its icon
# and menu, how it ends, and its installer. Not tried on Windows itself.
set -uo pipefail
# shellcheck source=tests/windows/lib.sh
. "$(dirname "$0")/lib.sh"
for part in ${SPOT_SERVE_WINDOWS_PARTS:-serving console tray ends installer}; do
  started=$SECONDS
  # shellcheck disable=SC1090
  . "$here/$part.sh"
  echo "$part took $((SECONDS - started)) s"
done
finish
