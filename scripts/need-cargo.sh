# Sourced: exits with instructions if cargo or a linker is missing.
# shellcheck shell=bash
if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
  PATH=$HOME/.cargo/bin:$PATH # rustup, installed after this shell started
fi
if ! command -v cargo >/dev/null; then
  echo "cargo not found. Install Rust from https://rustup.rs, then try again." >&2
  exit 1
fi
if ! command -v cc >/dev/null; then
  echo "cc not found. Install a C compiler, which Rust uses for linking (Debian and Ubuntu: apt install gcc libc6-dev; macOS: xcode-select --install)." >&2
  exit 1
fi
