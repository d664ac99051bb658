#!/usr/bin/env bash
# Needs: desktop
# What packages install for file managers, laid out as the packages have it: the menu items share what
# is selected, and a double click on a folder never does.
set -uo pipefail
root=$(realpath "$(dirname "$0")/..")
# shellcheck source=tests/report.sh
. "$root/tests/report.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root" || exit 1

# Anything will do for the parts that desktops don't read.
mkdir "$work/manual" "$work/bin" "$work/home"
for page in spot-serve.1 spot-serve.bash spot-serve.fish _spot-serve; do echo >"$work/manual/$page"; done
printf '#!/bin/sh\nprintf "%%s\\n" "$@" >"%s/part" && mv "%s/part" "%s/run"\n' "$work" "$work" "$work" >"$work/bin/spot-serve"
chmod 755 "$work/bin/spot-serve"
it "the files of a package are laid out" env SPOT_SERVE_PROGRAM="$work/bin/spot-serve" SPOT_SERVE_MANUAL="$work/manual" \
  installer/linux/stage.sh --without-sidecar "$work/package"
share=$work/package/usr/share

# An account of its own, which has only this package and the file managers that a test adds.
export HOME=$work/home XDG_DATA_HOME=$work/home/data XDG_CONFIG_HOME=$work/home/config XDG_CONFIG_DIRS=$work/none
export XDG_DATA_DIRS=$work/others:$share:/usr/share PATH=$work/bin:$PATH
unset XDG_CURRENT_DESKTOP

# file_managers NAME...: these are the file managers that are installed as well.
file_managers() {
  local name
  rm -rf "$work/others"
  mkdir -p "$work/others/applications"
  for name; do
    printf '[Desktop Entry]\nType=Application\nName=%s\nExec=true %%U\nMimeType=inode/directory;\n' "$name" \
      >"$work/others/applications/$name.desktop"
  done
  update-desktop-database "$work/others/applications" && update-desktop-database "$share/applications"
}
# Programs for a type, by GLib's and by freedesktop.org's rules, which read mimeinfo.cache.
opens_nothing() { # TYPE
  gio mime "$1" >"$work/said" && cat "$share"/applications/mimeinfo.cache >>"$work/said" &&
    fails grep -F spot-serve "$work/said"
}
finds_file_manager() { gio mime inode/directory | grep -F "$1"; }

for set in "" thunar zzz "nautilus thunar org.kde.dolphin nemo" "pcmanfm caja"; do
  # shellcheck disable=SC2086
  file_managers $set
  it "no folder is opened by Spot Serve beside '$set'" opens_nothing inode/directory
  if [ -n "$set" ]; then it "but by the file manager" finds_file_manager "${set%% *}.desktop"; fi
done
for type in inode/mount-point application/octet-stream text/plain text/html x-scheme-handler/file x-scheme-handler/https; do
  it "nor anything of type $type" opens_nothing $type
done

# What is in the menu of applications can't be started with a file, whatever somebody chooses to open it with.
takes_files() { grep -E '^(MimeType=|Exec=.*%[fFuU])' "$share"/applications/*.desktop; }
it "its entry claims no type and takes no file" fails takes_files

# As file managers run their entries: with these files selected.
selected=("/tmp/My \"Photos\"" "/tmp/it's \$HOME & 100%" /tmp/-rf)
from_menu() { # FILE GROUP: a command in which %F stands for the selected files
  local file=$1 group=$2; shift 2
  /usr/bin/python3 - "$file" "$group" "$@" <<'PY'
import configparser, shlex, subprocess, sys
entry = configparser.RawConfigParser(delimiters="=", comment_prefixes="#")
entry.optionxform = str
assert entry.read(sys.argv[1])
words = shlex.split(entry[sys.argv[2]]["Exec"])
at = words.index("%F")
subprocess.run(words[:at] + sys.argv[3:] + words[at + 1:], check=True)
PY
}
# from_extension MODULE FILE: an extension in Python, with the names of these files; "-" stands for one
# that is not on this computer.
from_extension() {
  mkdir -p "$work/gi"
  : >"$work/gi/__init__.py"
  cat >"$work/gi/repository.py" <<'PY'
class GObject:
    class GObject: pass
class Manager:
    class MenuProvider: pass
    class MenuItem:
        def __init__(self, name, label, tip=None, icon=None): self.label = label
        def connect(self, signal, run, *more):
            assert signal == "activate"
            self.activate = lambda: run(self, *more)
Nautilus = Caja = Manager
PY
  PYTHONPATH=$work PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 - "$@" <<'PY'
import runpy, sys
class File:
    def __init__(self, path): self.path = path
    def get_location(self): return self
    def get_path(self): return None if self.path == "-" else self.path
extension = runpy.run_path(sys.argv[1])["SpotServe"]()
items = extension.get_file_items(None, [File(path) for path in sys.argv[2:]])
for item in items:
    assert item.label == "Share with Spot Serve"
    item.activate()
sys.exit(0 if items else 3)
PY
}
shares_them() { # COMMAND...: runs spot-serve with what is selected
  rm -f "$work/run"
  "$@" "${selected[@]}" || return 1
  # Some file managers don't wait for it.
  for _ in {1..600}; do if [ -f "$work/run" ]; then break; fi; sleep 0.1; done
  equal "$(printf '%s\n' share --desktop "${selected[@]}")" "$(grep -vx -e -- "$work/run")"
}
offers_nothing() { from_extension "$@"; equal 3 $?; }
it "Dolphin shares what is selected" shares_them from_menu "$share/kio/servicemenus/spot-serve.desktop" "Desktop Action share"
it "so does Thunar" shares_them gio launch "$share/Thunar/sendto/spot-serve.desktop"
it "and Nemo" shares_them from_menu "$share/nemo/actions/spot-serve.nemo_action" "Nemo Action"
it "and PCManFM" shares_them from_menu "$share/file-manager/actions/spot-serve.desktop" "X-Action-Profile share"
it "PCManFM is asked nothing that it crashes at" fails grep -q '^Schemes' "$share/file-manager/actions/spot-serve.desktop"
for manager in nautilus caja; do
  extension=$share/$manager-python/extensions/spot-serve.py
  it "and $manager" shares_them from_extension "$extension"
  it "which offers nothing for files that are elsewhere" offers_nothing "$extension" /tmp/a -
  it "and nothing when nothing is selected" offers_nothing "$extension"
done
finish
