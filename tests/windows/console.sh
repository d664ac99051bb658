# shellcheck shell=bash disable=SC2154
# The command line of a program without its own console.

exe='C:\rig\Spot Serve\spot-serve.exe'
version="spot-serve $(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml" | head -1)"
on_console() { timeout 120 python3 "$here/in_console.py" wine "$@" >"$work/console" 2>&1; }
console_has() { grep -qF -- "$1" "$work/console" || { cat -v "$work/console"; return 1; }; }
status_is() { local want=$1 got=0; shift; "$@" >"$work/said" 2>&1 || got=$?; equal "$want" "$got" || { cat "$work/said"; return 1; }; }

it "the program has no console of its own" sh -c 'x86_64-w64-mingw32-objdump -p "$1" | grep -q "Subsystem.*Windows GUI"' sh "$built"
it "started from a shell's console, it prints there" on_console cmd /c "$exe" --version
it "and the text can be read there" console_has "$version"
it "errors are printed there, too" fails on_console cmd /c "$exe" share 'C:\nothing'
it "with a reason" console_has "Can't share"
wine cmd /c "$exe" --version '>' 'C:\version.txt' </dev/null >/dev/null 2>&1
it "a shell's redirection to a file works" grep -qF "$version" "$drive/version.txt"
it "and so does a pipe" equal "$version" "$(spot_serve --version </dev/null 2>/dev/null | without_cr)"
it "messages and links go to different streams" equal '' "$(spot_serve share 'C:\nothing' </dev/null 2>/dev/null)"
it "exit code 0: success" status_is 0 spot_serve --version
it "exit code 1: failure" status_is 1 spot_serve share 'C:\nothing'
it "exit code 2: wrong usage" status_is 2 spot_serve --no-such-flag
it "the home folder is not shared without consent" status_is 1 spot_serve share --foreground "$person" </dev/null
it "and the error says what would be public" grep -q 'your whole home folder' "$work/said"
it "the shell of Windows sees the exit code as well" status_is 2 wine cmd /c "$exe" --no-such-flag
