//! Where the release feed is, and whose signature it must have: `installer/feed.toml`, compiled in.

use serde::Deserialize;

/// The file of a release that says what is new.
const FEED: &str = "spot-serve.feed";

/// Where to ask, and whom to believe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The address of the feed.
    pub feed: String,
    /// All releases have their pages below this address, which ends with a slash.
    pub releases: String,
    /// A public key of minisign.
    pub public_key: String,
}

#[derive(Deserialize)]
struct Named {
    repository: String,
    public_key: String,
}

impl Source {
    /// The source of this program's releases; `None` if it doesn't know any.
    pub fn of_this_program() -> Option<Self> {
        Self::read(include_str!("../../installer/feed.toml"))
    }

    fn read(text: &str) -> Option<Self> {
        let named: Named = toml::from_str(text).ok()?;
        if named.repository.is_empty() || named.public_key.is_empty() {
            return None;
        }
        let releases = format!("https://github.com/{}/releases/", named.repository);
        Some(Self {
            feed: format!("{releases}latest/download/{FEED}"),
            releases,
            public_key: named.public_key,
        })
    }

    /// The page of a release.
    pub fn page(&self, version: &str) -> String {
        format!("{}tag/v{version}", self.releases)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_file_is_whole_or_names_nobody() {
        let text = include_str!("../../installer/feed.toml");
        let named: Named = toml::from_str(text).unwrap();
        assert_eq!(named.repository.is_empty(), named.public_key.is_empty());
        if let Some(source) = Source::read(text) {
            minisign_verify::PublicKey::from_base64(&source.public_key).unwrap();
        }
    }

    #[test]
    fn the_addresses_follow_from_the_repository() {
        let source = Source::read("repository = \"a/b\"\npublic_key = \"RW\"").unwrap();
        assert_eq!(
            source.feed,
            "https://github.com/a/b/releases/latest/download/spot-serve.feed"
        );
        assert_eq!(
            source.page("1.2.3"),
            "https://github.com/a/b/releases/tag/v1.2.3"
        );
    }
}
