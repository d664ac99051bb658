# shellcheck shell=bash disable=SC2154
# The icon, its menu, and what a mouse click does.

run_key='HKCU\Software\Microsoft\Windows\CurrentVersion\Run'
mkdir -p "$drive/share" "$drive/Two & a half"
printf 'hello\n' >"$drive/share/a.txt"
printf 'two\n' >"$drive/Two & a half/b.txt"

# The end of the taskbar, where the icons are.
corner() { import -window root -crop 24x20+1000+748 +repage "$work/corner.png" && identify -format "$1" "$work/corner.png"; }
has_icon() { [ "$(corner %k)" -gt 1 ]; }
has_no_icon() { [ "$(corner %k)" = 1 ]; }
differs() { [ "$(corner '%#')" != "$1" ]; }
# Above the icon, where the empty desktop has a single colour.
balloon_shows() { import -window root -crop 220x50+790+675 +repage "$work/balloon.png" && [ "$(identify -format %k "$work/balloon.png")" -gt 1 ]; }
# consoles: prints how many there are, and how many of them are visible.
consoles() { unix_pids conhost.exe | wc -l; }
seen_consoles() {
  local pid
  for pid in $(unix_pids conhost.exe); do tr '\0' ' ' <"/proc/$pid/cmdline"; echo; done | grep -vc -- --headless
}
# open_menu: right-clicks the icon.
open_menu() { xdotool mousemove 1013 758 click 3; within opened 1; }
opened() { [ "$(wine 'C:\rig\menus.exe' | wc -l)" -ge "$1" ]; }
# close_menu: clicks beside it.
close_menu() { xdotool mousemove 300 300 click 1; within closed; }
closed() { [ -z "$(wine 'C:\rig\menus.exe')" ]; }
click() { xdotool click 1; }
clipboard() { timeout 10 xclip -o -selection clipboard 2>/dev/null; }
clipboard_is() { [ "$(clipboard)" = "$1" ]; }
share_of() { spot_serve list --json 2>/dev/null | jq -r --arg name "$1" ".[] | select(.name == \$name) | $2"; }
is_online() { [ "$(share_of "$1" .state)" = online ]; }
registry_has() { [[ $(registry "$run_key" "Spot Serve") == *"$1"* ]]; }
registry_has_not() { ! registry_has 'Spot Serve'; }

printf '["C:\\\\share"]' >"$state/recent.json"
# As if it were not the first start.
touch "$state/welcomed"
it "the program starts" start_tray
it "its icon is in the taskbar" within has_icon
idle=$(corner '%#')
it "a right click opens the menu" open_menu
it "Recent Folders is in it" menu_at 1 9 1 5 0
it "and opens" within opened 2
picture windows-menu
it "with the folder on top" menu_at 1 2 1 1 0
# Wine shows it for ten seconds only.
within balloon_shows & balloon=$!
click
it "a click on the folder shares it" within is_online share
link=$(share_of share .link)
it "its link is on the clipboard" within clipboard_is "$link"
it "and it is a link" grep -q '^https://quiet-river-lake-.*\.trycloudflare\.com$' <<<"$link"
it "the icon shows that something is shared" within differs "$idle"
it "the folder is served on this computer" equal hello "$(curl -s "$(share_of share .local_link)a.txt")"
it "a toast was tried, which Wine doesn't have" within grep -q 'can.t show a notification.*online' "$log"
it "its text is shown at the icon instead" wait "$balloon"
picture windows-balloon
it "cloudflared has a console, like every console program" equal 1 "$(consoles)"
it "and nobody sees it" equal 0 "$(seen_consoles)"
it "cloudflared is the test's stub, and said so" grep -q 'This is a stub of cloudflared' "$log"
it "it has PATH as Windows spells it, and no tunnel variables" grep -q 'PATH is there, SystemRoot is there, TUNNEL_EDGE is missing' "$log"

it "a second start says that it is already running" grep -q 'is already running' <(spot_serve </dev/null 2>&1)
it "a command hands a folder to the running program" spot_serve share 'C:\Two & a half' </dev/null >"$work/handed" 2>"$work/handed.err"
spot_serve share 'C:\Two & a half' </dev/null >"$work/handed" 2>"$work/handed.err"
it "and prints its link, and nothing else" equal "$(share_of 'Two & a half' .link)" "$(without_cr <"$work/handed")"
it "the paths are spelled as usual" equal 'C:\Two & a half' "$(share_of 'Two & a half' '.paths[0] // .path')"
it "list shows both" equal 2 "$(spot_serve list </dev/null 2>/dev/null | wc -l)"
it "a share is stopped by its path, in any case" spot_serve stop 'c:\two & a half'
it "then it is gone" equal 1 "$(spot_serve list </dev/null 2>/dev/null | wc -l)"
it "and so is its cloudflared" equal 1 "$(unix_pids "$sidecar_program" | wc -l)"

open_menu
# Folder, Files, Clipboard, Receive, Recent | the share | Dashboard, Login, Help, Quit
menu_at 1 10 2 8 2
it "Launch at Login is clicked" click
it "it is in the user's Run key, with its path quoted" within registry_has '"C:\rig\Spot Serve\spot-serve.exe" --at-login'
it "and not in that of all users" fails grep -q 'Spot Serve' <(registry 'HKLM\Software\Microsoft\Windows\CurrentVersion\Run')
open_menu
menu_at 1 10 2 8 2
click
it "another click removes it" within registry_has_not

open_menu
picture windows-menu-online
menu_at 1 10 2 10 2
it "Quit Spot Serve is clicked" click
it "the program ends" within runs_not "$tray_program"
it "and its cloudflared" within runs_not "$sidecar_program"
it "the icon is gone" within has_no_icon
