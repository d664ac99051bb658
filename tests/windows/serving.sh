# shellcheck shell=bash disable=SC2154
# What visitors get from a folder of Windows, and what they do not.

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

# serve [SETTING...]: shares C:\share in a process of its own; its address is in $local_url.
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
# is STATUS PATH: what a visitor gets for the path, as it is.
is() { equal "$1 $2" "$(curl -s -o "$work/body" -w '%{http_code}' --path-as-is "$local_url$2") $2"; }
body_is() { is 200 "$1" && equal "$2" "$(<"$work/body")"; }
listing() { curl -s "$local_url/?json" | jq -r '.entries[].name' | sort | tr '\n' '|'; }

it "a folder is shared from a command, on Windows" serve
it "its link is the one line on standard output" within grep -qx 'https://quiet-river-lake-[0-9]*.trycloudflare.com.\?' "$work/share.out"
it "a file is served" body_is /a.txt hello
it "a file with blanks and in a folder" body_is '/Sub%20Folder/a%20rather%20long%20name.text' 'far down'
it "a name that is not of the code page" body_is '/%E2%82%AC%20%C3%BCn%C3%AFcode.txt' euro
it "a part of a file" equal ell "$(curl -s -r 1-3 "$local_url/a.txt")"
it "names are the same in capitals, as they are on Windows" body_is /A.TXT hello
it "the list has what visitors may see, and no more" equal 'Sub Folder|a.txt|€ ünïcode.txt|' "$(listing)"
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
it "the same file under its own name is" is 200 '/Sub%20Folder/a%20rather%20long%20name.text'
end_serving
it "with hidden files wanted the folder is shared again" serve '[server]' 'hidden = true'
it "then the hidden ones are served" body_is /secret.txt hidden
it "and the dot files" body_is /.dotted.txt hidden
it "and still no way leads out" is 404 /..%5coutside.txt
end_serving
settings_are
