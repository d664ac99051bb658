#!/usr/bin/env bash
# `make run` in a checkout with stand-ins for cargo and the program: how it starts and ends.
set -uo pipefail
root=$(realpath "$(dirname "$0")/..")
# shellcheck source=tests/report.sh
. "$root/tests/report.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/checkout/binaries" "$work/checkout/target/release" "$work/bin" "$work/Photos"
cp -r "$root/Makefile" "$root/scripts" "$work/checkout/"
printf '#!/bin/sh\n' | tee "$work/bin/cargo" >"$work/checkout/binaries/fetch.sh"
# It ends as the real one does on Ctrl-C before it has a link.
cat >"$work/checkout/target/release/spot-serve" <<'END'
#!/usr/bin/env python3
import os, signal, sys
if "ENDS" in os.environ:
    sys.exit(int(os.environ["ENDS"]))
def stop(*_):
    # The terminal and make run both send one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.write(1, b"stopping\n")
    os._exit(3)
signal.signal(signal.SIGINT, stop)
with open(os.environ["STARTED"] + ".part", "w") as started:
    print(*sys.argv[1:], file=started)
os.rename(os.environ["STARTED"] + ".part", os.environ["STARTED"])
while True:
    signal.pause()
END
chmod -R +x "$work/bin" "$work/checkout/binaries" "$work/checkout/target"
export PATH=$work/bin:$PATH STARTED=$work/started
unset DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR CARGO_TARGET_DIR MAKEFLAGS MAKELEVEL

# interrupted: Ctrl-C, which reaches everything that the terminal has started.
interrupted() {
  local pid
  rm -f "$STARTED"
  # A group of its own, as a terminal gives it, and in which Ctrl-C isn't ignored.
  python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
os.setpgid(0, 0)
os.execvp(sys.argv[1], sys.argv[1:])' make -C "$work/checkout" --no-print-directory run FOLDER="$work/Photos" >"$work/said" 2>&1 &
  pid=$!
  for _ in {1..600}; do if [ -f "$STARTED" ]; then break; fi; sleep 0.1; done
  kill -INT -- "-$pid"
  wait "$pid"
}
says_no_error() { fails grep -i error "$work/said"; }
has_stopped() { grep -qx stopping "$work/said"; }
interrupted
it "without a desktop, make run shares the folder until Ctrl-C" equal "share --foreground $work/Photos" "$(cat "$STARTED")"
it "Ctrl-C lets the program stop" has_stopped
it "and make doesn't call that an error" says_no_error
it "a program that ends by itself with an error is one" fails env ENDS=3 make -C "$work/checkout" --no-print-directory run FOLDER="$work/Photos"
finish
