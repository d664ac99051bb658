# shellcheck shell=bash disable=SC2154
# The installer: silent, for one user, over a running program, and removed without a trace.

place='AppData/Local/Programs/Spot Serve'
installed=$profile/$place
windows_place="$person\\${place//\//\\}"
shortcut="$profile/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Spot Serve.lnk"
classes='HKCU\Software\Classes'
run_key='HKCU\Software\Microsoft\Windows\CurrentVersion\Run'
uninstall_key='HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\SpotServe'
pack() { (cd "$root" && SPOT_SERVE_PINS=$pins installer/package-windows.sh --program "$built" "$@") 2>"$work/packed"; }
setup() { local file=$1; shift; cp "$file" "$drive/setup.exe" && wine 'C:\setup.exe' /S "$@" >/dev/null 2>&1; }
command_is() { equal "$2" "$(registry "$1" | sed -n 's/.*REG_SZ *//p' | tail -1)"; }
registry_says() { [[ $(registry "$1") == *"$2"* ]] || { registry "$1"; return 1; }; }
files() { find "$profile" "$drive/ProgramData" -mindepth 1 2>/dev/null | grep -v -e /Temp -e /spot-serve | sort; }
traces() { wine reg export HKCU 'C:\user.reg' /y >/dev/null 2>&1; iconv -f UTF-16 -t UTF-8 "$drive/user.reg" | grep -iE 'spot.?serve'; }

# A release of cloudflared whose hash the tests know: the stub.
stub=$rig/cloudflared.exe
mkdir -p "$work/release" "$drive/share"
cp "$stub" "$work/release/stub.exe"
python3 "$root/tests/fetch_server.py" "$work/release" >"$work/release.port" 2>/dev/null &
pids+=($!)
within test -s "$work/release.port"
pins=$work/pins.toml
printf 'version = "1.2.3"\nurl = "http://127.0.0.1:%s/good/{asset}"\n[x86_64-pc-windows-gnu]\nasset = "stub.exe"\nsize = %s\nsha256 = "%s"\n' \
  "$(<"$work/release.port")" "$(wc -c <"$stub")" "$(sha256sum <"$stub" | cut -d' ' -f1)" >"$pins"

with=$(pack --version 0.0.1) || cat "$work/packed"
it "the installer is built with a cloudflared" test -s "$with"
without=$(pack --without-sidecar --version 0.0.2) || cat "$work/packed"
it "and without one" test -s "$without"

files >"$work/before"
it "it installs without asking" setup "$with" /LOGIN
it "the program is where the user may write" cmp "$built" "$installed/spot-serve.exe"
it "its cloudflared is next to it" cmp "$stub" "$installed/cloudflared-x86_64-pc-windows-gnu.exe"
for file in LICENSE cloudflared-LICENSE cloudflared-NOTICE; do
  it "$file is there" test -s "$installed/$file.txt"
done
is_mark() { equal "$1" "$(<"$installed/installed-as")"; }
it "it knows how it was installed" is_mark setup
it "it is in the Start menu" test -s "$shortcut"
program_there="\"$windows_place\\spot-serve.exe\""
it "a right click on a folder offers to share it" command_is "$classes\\Directory\\shell\\SpotServe\\command" "$program_there share --desktop \"%1\""
it "so does one on its background" command_is "$classes\\Directory\\Background\\shell\\SpotServe\\command" "$program_there share --desktop \"%V.\""
it "and one on a file" command_is "$classes\\*\\shell\\SpotServe\\command" "$program_there share --desktop \"%1\""
it "but no double click does" registry_says "$classes\\*\\shell\\SpotServe" NeverDefault
it "it starts at login, as requested" registry_says "$run_key" "$program_there --at-login"
it "it is in the list of programs, with its version" registry_says "$uninstall_key" 0.0.1

wine start "$person"'\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\Spot Serve.lnk' >/dev/null 2>&1
it "the Start menu entry starts it" within runs "$windows_place\\spot-serve.exe"
wine "$windows_place\\spot-serve.exe" share --desktop 'C:\share\.' </dev/null >"$work/context" 2>&1
it "the context menu entry shares a folder" grep -q https:// "$work/context"
before=$(unix_pids "$windows_place\\spot-serve.exe")
it "an upgrade over the running program, by winget" setup "$without" /SHOP=winget
it "has ended it first" fails grep -qx "$before" <(unix_pids "$windows_place\\spot-serve.exe")
it "and its cloudflared" within runs_not "$sidecar_program"
it "and started it again" within runs "$windows_place\\spot-serve.exe"
it "the version is the new one" registry_says "$uninstall_key" 0.0.2
it "no cloudflared of the old version is left" test ! -e "$installed/cloudflared-x86_64-pc-windows-gnu.exe"
it "it knows that winget updates it" is_mark winget
it "it still starts at login" registry_says "$run_key" "$program_there --at-login"

it "the uninstaller runs" wine "$windows_place\\uninstall.exe" /S
it "the program's folder is gone" within test ! -e "$installed"
it "the program has ended" within runs_not "$windows_place\\spot-serve.exe"
leaves_no_file() { [ -z "$(files | comm -13 "$work/before" -)" ]; }
leaves_no_key() { [ -z "$(traces)" ]; }
it "no file is left of it" within leaves_no_file
it "nor anything that it wrote itself" within test ! -e "$state"
it "the user's own file is still there" test -s "$settings/config.toml"
it "no registry key is left" within leaves_no_key
setup "$without"
it "uninstalled with its settings" wine "$windows_place\\uninstall.exe" /S /SETTINGS
it "nothing at all is left" within test ! -e "${settings%/config}"
