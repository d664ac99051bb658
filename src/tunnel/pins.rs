//! The pinned cloudflared releases: `binaries/cloudflared.toml`, compiled in.

use std::sync::LazyLock;

use serde::Deserialize;

/// The pinned release for one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    pub version: String,
    /// `cloudflared-x86_64-unknown-linux-gnu`, with `.exe` on Windows.
    pub file_name: String,
    /// The program's SHA-256, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Where to download the release.
    pub url: String,
    /// The size of the downloaded file in bytes.
    pub size: u64,
    /// The archive's SHA-256, if the release is an archive (.tgz).
    pub archive_sha256: Option<String>,
}

#[derive(Deserialize)]
struct PinnedAsset {
    asset: String,
    size: u64,
    sha256: String,
    /// The SHA-256 of the program inside, if the release is an archive.
    binary_sha256: Option<String>,
}

static PIN: LazyLock<Option<Pin>> = LazyLock::new(|| {
    // A test parses the file, so the compiled-in copy is known to be valid.
    read(
        include_str!("../../binaries/cloudflared.toml"),
        env!("SPOT_SERVE_TARGET"),
    )
});

fn read(pins: &str, target: &str) -> Option<Pin> {
    let mut pins: toml::Table = toml::from_str(pins).ok()?;
    let version = pins.get("version")?.as_str()?.to_owned();
    let url = pins.get("url")?.as_str()?.to_owned();
    let asset: PinnedAsset = pins.remove(target)?.try_into().ok()?;
    let suffix = if target.contains("windows") {
        ".exe"
    } else {
        ""
    };
    let (sha256, archive_sha256) = match asset.binary_sha256 {
        Some(binary) => (binary, Some(asset.sha256)),
        None => (asset.sha256, None),
    };
    Some(Pin {
        url: url
            .replace("{version}", &version)
            .replace("{asset}", &asset.asset),
        version,
        file_name: format!("cloudflared-{target}{suffix}"),
        sha256,
        size: asset.size,
        archive_sha256,
    })
}

/// The pin for the target of this program; `None` if there is no release for it.
pub fn for_this_target() -> Option<&'static Pin> {
    PIN.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pin_is_complete() {
        let text = include_str!("../../binaries/cloudflared.toml");
        let pins: toml::Table = toml::from_str(text).unwrap();
        let targets: Vec<_> = pins.iter().filter(|(_, value)| value.is_table()).collect();
        assert!(targets.len() >= 5, "{} targets", targets.len());
        for (target, _) in targets {
            let pin = read(text, target).unwrap();
            for hash in std::iter::once(&pin.sha256).chain(&pin.archive_sha256) {
                assert_eq!(hash.len(), 64, "{target}");
                assert!(
                    hash.bytes().all(|byte| byte.is_ascii_hexdigit()),
                    "{target}"
                );
            }
            assert!(
                pin.url.starts_with("https://") && !pin.url.contains('{'),
                "{}",
                pin.url
            );
            assert_eq!(
                pin.archive_sha256.is_some(),
                pin.url.ends_with(".tgz"),
                "{target}"
            );
            assert!(pin.size > 10_000_000, "{target}");
        }
    }
}
