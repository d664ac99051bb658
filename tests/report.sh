# Sourced by the shell suites: prints one line per test, in the form that scripts/test.sh counts.
# shellcheck shell=bash
failed=0
report_output=$(mktemp)

# it SENTENCE COMMAND...: the test passes if COMMAND succeeds; otherwise its output is shown.
it() {
  local sentence=$1; shift
  if "$@" >"$report_output" 2>&1; then
    echo "ok - $sentence"
  else
    echo "not ok - $sentence"
    sed 's/^/    /' "$report_output"
    failed=$((failed + 1))
  fi
}

# skip SENTENCE WHY
skip() { echo "skip - $1: $2"; }

# equal WANT GOT
equal() { [ "$1" = "$2" ] || { printf 'want: %s\n got: %s\n' "$1" "$2"; return 1; }; }

# fails COMMAND...
fails() { ! "$@"; }

# within COMMAND...: waits up to a minute until the command succeeds.
within() {
  local until=$((SECONDS + 60))
  while [ $SECONDS -lt $until ]; do
    if "$@"; then return 0; fi
    sleep 0.05
  done
  echo "never came true: $*"; return 1
}

# finish: the last command of a suite; sets its exit status.
finish() { rm -f "$report_output"; exit $((failed > 0)); }
