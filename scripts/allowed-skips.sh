# Sourced: the skips that a strict test run accepts. Any other skip means that something that the
# tests need is missing.
# shellcheck shell=bash

# Each is how a skip begins, and above it is the reason.
allowed_skips=(
  # Only a Mac can start it.
  "the application starts on macOS: "
  # appimagetool would have to be downloaded. Everything that goes into the image is tested.
  "the AppImage itself starts: "
  # Other systems have other versions of these desktops, which look different.
  "tests/real-desktops/gnome-test.sh (shells: only Debian 12 has "
  "tests/real-desktops/plasma-test.sh (shells: only Debian 12 has "
)

# unexpected_skips SKIP...: prints those that are not allowed.
unexpected_skips() {
  local skip allowed
  for skip; do
    for allowed in "${allowed_skips[@]}"; do
      if [[ $skip == "$allowed"* ]]; then continue 2; fi
    done
    echo "$skip"
  done
}
