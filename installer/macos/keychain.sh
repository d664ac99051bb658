#!/usr/bin/env bash
# Creates a keychain with a signing identity on a CI runner and, if configured, a notarytool profile.
# Passes NOTARY_PROFILE to later steps through GITHUB_ENV.
#
# CODESIGN_CERTIFICATE   the identity: a .p12 file in base64
# CODESIGN_PASSWORD      its password
# NOTARY_APPLE_ID, NOTARY_TEAM, NOTARY_PASSWORD   the account, its team and an app-specific password
set -euo pipefail
: "${CODESIGN_CERTIFICATE:?the identity, in base64}" "${CODESIGN_PASSWORD:?its password}"
keychain=$RUNNER_TEMP/signing.keychain-db
password=$(openssl rand -hex 16)
security create-keychain -p "$password" "$keychain"
security set-keychain-settings -lut 21600 "$keychain"
security unlock-keychain -p "$password" "$keychain"
certificate=$RUNNER_TEMP/identity.p12
base64 --decode <<<"$CODESIGN_CERTIFICATE" >"$certificate"
security import "$certificate" -P "$CODESIGN_PASSWORD" -t cert -f pkcs12 -T /usr/bin/codesign -k "$keychain"
rm "$certificate"
security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$keychain" >/dev/null
security list-keychains -d user -s "$keychain" login.keychain-db
if [ -n "${NOTARY_APPLE_ID-}" ]; then
  xcrun notarytool store-credentials spot-serve --apple-id "$NOTARY_APPLE_ID" \
    --team-id "${NOTARY_TEAM:?}" --password "${NOTARY_PASSWORD:?}"
  echo NOTARY_PROFILE=spot-serve >>"$GITHUB_ENV"
fi
