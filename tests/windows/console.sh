# shellcheck shell=bash disable=SC2154
# The command line of a program that has no console of its own.

exe='C:\rig\Spot Serve\spot-serve.exe'
version="spot-serve $(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml" | head -1)"
on_console() { timeout 120 python3 "$here/in_console.py" wine "$@" >"$work/console" 2>&1; }
console_has() { grep -qF -- "$1" "$work/console" || { cat -v "$work/console"; return 1; }; }
status_is() { local want=$1 got=0; shift; "$@" >"$work/said" 2>&1 || got=$?; equal "$want" "$got" || { cat "$work/said"; return 1; }; }

it "the program has no console of its own" sh -c 'x86_64-w64-mingw32-objdump -p "$1" | grep -q "Subsystem.*Windows GUI"' sh "$built"
it "started from a shell's console, it prints there" on_console cmd /c "$exe" --version
it "and that is read there" console_has "$version"
it "what does not work is said there too" fails on_console cmd /c "$exe" share 'C:\nothing'
it "in words" console_has "Can't share"
wine cmd /c "$exe" --version '>' 'C:\version.txt' </dev/null >/dev/null 2>&1
it "a shell's redirection into a file is kept" grep -qF "$version" "$drive/version.txt"
it "and a pipe" equal "$version" "$(spot_serve --version </dev/null 2>/dev/null | without_cr)"
it "words and links go to different places" equal '' "$(spot_serve share 'C:\nothing' </dev/null 2>/dev/null)"
it "exit code 0: done" status_is 0 spot_serve --version
it "exit code 1: it failed" status_is 1 spot_serve share 'C:\nothing'
it "exit code 2: wrong usage" status_is 2 spot_serve --no-such-flag
it "the home folder is not shared without a question" status_is 1 spot_serve share --foreground "$person" </dev/null
it "which says what would be public" grep -q 'your whole home folder' "$work/said"
it "the shell of Windows sees the exit code as well" status_is 2 wine cmd /c "$exe" --no-such-flag
