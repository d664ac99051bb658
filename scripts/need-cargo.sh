# Sourced: makes sure that there is a cargo, or says how to get one and ends.
# shellcheck shell=bash
if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
  PATH=$HOME/.cargo/bin:$PATH # a rustup that the shell has not been told of yet
fi
if ! command -v cargo >/dev/null; then
  echo "Building takes Rust, and there is no cargo here. Get it from https://rustup.rs and come back." >&2
  exit 1
fi
if ! command -v cc >/dev/null; then
  echo "Building takes a C linker, and there is no cc here (Debian and Ubuntu: apt install gcc libc6-dev; macOS: xcode-select --install)." >&2
  exit 1
fi
