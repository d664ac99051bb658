# shellcheck shell=bash disable=SC2154
# What visitors get from a folder on Windows, and what they don't.

mkdir -p "$drive/share/Sub Folder" "$drive/share/.git"
printf 'hello\n' >"$drive/share/a.txt"
printf 'far down\n' >"$drive/share/Sub Folder/a rather long name.text"
printf 'euro\n' >"$drive/share/€ ünïcode.txt"
for name in dotted secret system; do printf 'hidden\n' >"$drive/share/$name.txt"; done
mv "$drive/share/dotted.txt" "$drive/share/.dotted.txt"
printf 'hidden\n' >"$drive/share/.git/config"
printf 'outside\n' >"$drive/outside.txt"
wine attrib +h 'C:\share\secret.txt' >/dev/null 2>&1
wine attrib +s +h 'C:\share\system.txt' >/dev/null 2>&1
short=$(wine cmd /c dir /x 'C:\share\Sub Folder' 2>/dev/null | without_cr | grep -o '[^ ]*~[^ ]*' | head -1)

# serve [SETTING...]: shares C:\share in a separate process; its address is in $local_url.
serve() {
  settings_are "$@"
  : >"$work/share.err"
  /usr/bin/env wine 'C:\rig\Spot Serve\spot-serve.exe' share --foreground 'C:\share' </dev/null >"$work/share.out" 2>"$work/share.err" &
  serving=$!
  within grep -q '^local: ' "$work/share.err" || { cat "$work/share.err"; return 1; }
  local_url=$(sed -n 's/^local: //p' "$work/share.err" | without_cr)
}
end_serving() {
  local pid
  for pid in $(unix_pids "$tray_program"); do kill -9 "$pid"; done
  wait "$serving" 2>/dev/null
  within runs_not "$sidecar_program"
}
# is STATUS PATH: a visitor gets this status for the path, sent unchanged.
is() { equal "$1 $2" "$(curl -s -o "$work/body" -w '%{http_code}' --path-as-is "$local_url$2") $2"; }
body_is() { is 200 "$1" && equal "$2" "$(<"$work/body")"; }
listing() { curl -s "$local_url/?json" | jq -r '.entries[].name' | sort | tr '\n' '|'; }

it "a command shares a folder on Windows" serve
it "its link is the only line on standard output" within grep -qx 'https://quiet-river-lake-[0-9]*.trycloudflare.com.\?' "$work/share.out"
it "a file is served" body_is /a.txt hello
it "so is a file with spaces in a subfolder" body_is '/Sub%20Folder/a%20rather%20long%20name.text' 'far down'
it "and a name outside the code page" body_is '/%E2%82%AC%20%C3%BCn%C3%AFcode.txt' euro
it "and a part of a file" equal ell "$(curl -s -r 1-3 "$local_url/a.txt")"
it "upper and lower case are the same, as always on Windows" body_is /A.TXT hello
it "the list has what visitors may see, and nothing else" equal 'Sub Folder|a.txt|€ ünïcode.txt|' "$(listing)"
while read -r what path; do
  it "${what//-/ } is not found ($path)" is 404 "$path"
done <<'END'
a-way-up-by-backslashes /..%5coutside.txt
a-way-up-by-backslashes-further-down /Sub%20Folder%5c..%5c..%5coutside.txt
a-way-down-by-a-backslash /Sub%20Folder%5ca%20rather%20long%20name.text
a-way-up-by-dots /%2e%2e/outside.txt
the-stream-that-is-the-file-itself /a.txt::$DATA
another-stream /a.txt:other
a-folder-as-a-stream /Sub%20Folder::$INDEX_ALLOCATION
the-console /CON
a-device-with-an-extension /nul.txt
a-device-with-a-blank /aux%20.txt
a-port /COM1
a-printer /lpt1.doc
a-name-with-a-dot-at-its-end /a.txt.
a-name-with-a-blank-at-its-end /a.txt%20
a-folder-with-dots-at-its-end /Sub%20Folder.../a%20rather%20long%20name.text
a-drive /C:/outside.txt
an-encoded-drive /C%3a%5coutside.txt
another-computer /%5c%5clocalhost%5cc$%5coutside.txt
another-computer-by-slashes //localhost/c$/outside.txt
the-root-of-all-devices /%5c%5c%3f%5cC%3a%5coutside.txt
a-dot-file /.dotted.txt
a-file-in-a-dot-folder /.git/config
a-hidden-file /secret.txt
a-hidden-file-in-capitals /SECRET.TXT
a-system-file /system.txt
END
it "Windows has a short name for a long one" test -n "$short"
it "a short name is not found ($short)" is 404 "/Sub%20Folder/$short"
it "the same file is found under its own name" is 200 '/Sub%20Folder/a%20rather%20long%20name.text'
end_serving
it "the folder is shared again with hidden files" serve '[server]' 'hidden = true'
it "then hidden files are served" body_is /secret.txt hidden
it "and the dot files" body_is /.dotted.txt hidden
it "and still no path leads out" is 404 /..%5coutside.txt
end_serving
settings_are
