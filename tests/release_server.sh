# Sourced by the suites that download a release: gives each its own folder, $work, and a server for
# the files in $work/served. Both end with the suite.
# shellcheck shell=bash
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT
mkdir "$work/served"

# serve_releases: starts the server. $releases is its address; append how the server should behave
# (see fetch_server.py).
serve_releases() {
  local tests
  tests=$(dirname "${BASH_SOURCE[0]}")
  python3 "$tests/fetch_server.py" "$work/served" >"$work/port" 2>"$work/server.log" &
  server=$!
  until [ -s "$work/port" ]; do
    kill -0 "$server" 2>/dev/null || { cat "$work/server.log" >&2; exit 1; }
    sleep 0.05
  done
  # Read by those who source this.
  # shellcheck disable=SC2034
  releases=http://127.0.0.1:$(<"$work/port")
}

# pin TARGET ASSET FILE: prints a target's table for a file of pins; its release is FILE, named ASSET.
pin() { printf '[%s]\nasset = "%s"\nsize = %s\nsha256 = "%s"\n' "$1" "$2" "$(wc -c <"$3")" "$(sha256 "$3")"; }

sha256() { sha256sum <"$1" | cut -d' ' -f1; }
