//! The pinned cloudflared releases: `binaries/cloudflared.toml`, compiled in.

use std::sync::LazyLock;

use serde::Deserialize;

/// One target's pinned file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// `cloudflared-x86_64-unknown-linux-gnu`, with `.exe` on Windows.
    pub file_name: String,
    /// Of the program itself, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

#[derive(Deserialize)]
struct PinnedAsset {
    sha256: String,
    /// Where the release is an archive: the hash of the program inside.
    binary_sha256: Option<String>,
}

static PIN: LazyLock<Option<Pin>> = LazyLock::new(|| {
    // A test parses the file, so what is compiled in is known to be right.
    let mut pins: toml::Table =
        toml::from_str(include_str!("../../binaries/cloudflared.toml")).ok()?;
    let target = env!("SPOT_SERVE_TARGET");
    let asset: PinnedAsset = pins.remove(target)?.try_into().ok()?;
    Some(Pin {
        file_name: format!("cloudflared-{target}{}", std::env::consts::EXE_SUFFIX),
        sha256: asset.binary_sha256.unwrap_or(asset.sha256),
    })
});

/// The pin of the target this program was built for; `None` where no release exists for it.
pub fn for_this_target() -> Option<&'static Pin> {
    PIN.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pin_is_a_whole_hash() {
        let pins: toml::Table =
            toml::from_str(include_str!("../../binaries/cloudflared.toml")).unwrap();
        let targets = pins.into_iter().filter(|(_, value)| value.is_table());
        let mut count = 0;
        for (target, asset) in targets {
            let asset: PinnedAsset = asset.try_into().unwrap();
            for hash in std::iter::once(&asset.sha256).chain(&asset.binary_sha256) {
                assert_eq!(hash.len(), 64, "{target}");
                assert!(
                    hash.bytes().all(|byte| byte.is_ascii_hexdigit()),
                    "{target}"
                );
            }
            count += 1;
        }
        assert!(count >= 5, "{count} targets");
    }
}
