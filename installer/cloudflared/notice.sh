#!/usr/bin/env bash
# Writes NOTICE, the attribution that accompanies every included cloudflared. The input is a checkout
# of cloudflared, which contains the sources and licences of its dependencies.
#
# usage: installer/cloudflared/notice.sh CHECKOUT >installer/cloudflared/NOTICE
#
# Run this after changing the release in binaries/cloudflared.toml.
set -euo pipefail
export LC_ALL=C
cd "${1:?usage: notice.sh CHECKOUT}"

texts=$(mktemp -d)
trap 'rm -rf "$texts"' EXIT

cat <<END
cloudflared
Copyright Cloudflare, Inc.
https://github.com/cloudflare/cloudflared

The program cloudflared beside this file is Cloudflare's, as Cloudflare released it, unchanged.
It is licensed under the Apache License, Version 2.0: see the licence beside this file.
Cloudflare's sources have no NOTICE file of their own. Those of what is linked into cloudflared,
and its licences, follow, as release $(sed -n 1p RELEASE_NOTES) of its sources has them.
END

heading() { printf '\n%s\n%s\n' "$(printf '=%.0s' {1..78})" "$1"; }

# The NOTICE files.
while read -r file; do
  heading "NOTICE of ${file#vendor/}" | sed 's,/NOTICE[.a-z]*$,,'
  printf '\n'
  cat "$file"
done < <(find vendor -name 'NOTICE*' -type f | sort)

# Each licence text once, after the names of all dependencies that use it. The Apache License has its
# own file.
while read -r file; do
  module=${file#vendor/}
  module=${module%/*}
  case ${file##*/} in LICENSE.libyaml) module="$module (libyaml)" ;; esac
  text=$(sha256sum <"$file" | cut -d' ' -f1)
  if grep -q 'Apache License' "$file" && ! grep -qE 'Permission is hereby granted|Redistribution and use' "$file"; then
    text=apache
  fi
  echo "$module" >>"$texts/$text.names"
  tr -d '\r' <"$file" >"$texts/$text"
done < <(find vendor -type f \( -iname 'LICEN[SC]E*' -o -iname 'COPYING*' \) | sort)
go=$(sha256sum <vendor/golang.org/x/sys/LICENSE | cut -d' ' -f1)
sed -i '1i the Go standard library and runtime' "$texts/$go.names"

heading "Under the Apache License, Version 2.0, which is beside this file:"
sed 's/^/  /' "$texts/apache.names"
# Sorted by the first name, to keep diffs small.
for names in "$texts"/*.names; do echo "$(head -1 "$names") ${names%.names}"; done | sort |
  while read -r line; do
    text=${line##* }
    if [ "$text" = "$texts/apache" ]; then continue; fi
    heading "The licence of"
    sed 's/^/  /' "$text.names"
    printf '\n'
    cat "$text"
  done
