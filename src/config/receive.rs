//! What visitors may hand in: the section `[receive]` of the settings.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::limit::unless_empty;
use crate::{app::size, paths};

/// What visitors may hand in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReceiveConfig {
    /// Where files go if no folder is chosen.
    pub folder: InboxFolder,
    /// The size of all files of a share together.
    pub max_size: SizeLimit,
    /// How many files a share takes. 0 takes any number.
    pub max_files: u64,
    /// The size of all files of a visitor together.
    pub max_visitor_size: SizeLimit,
    /// So much of the disk stays free.
    pub min_free: SizeLimit,
}

impl ReceiveConfig {
    /// Where files go if no folder is chosen. It may not exist. `None` without a home folder.
    pub fn inbox(&self, home: Option<&Path>) -> Option<PathBuf> {
        self.folder.path(home).or_else(paths::usual_inbox)
    }
}

impl Default for ReceiveConfig {
    fn default() -> Self {
        Self {
            folder: InboxFolder::default(),
            max_size: SizeLimit(None),
            max_files: 0,
            max_visitor_size: SizeLimit(None),
            min_free: SizeLimit(Some(1_000_000_000)),
        }
    }
}

/// A folder by its whole path, which may begin with `~/`; empty for the usual one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InboxFolder(String);

impl InboxFolder {
    /// Where it is; `None` for the usual folder.
    pub fn path(&self, home: Option<&Path>) -> Option<PathBuf> {
        let below_home = self.0.strip_prefix("~/").or(self.0.strip_prefix("~\\"));
        match (below_home, home) {
            _ if self.0.is_empty() => None,
            (Some(below), Some(home)) => Some(home.join(below)),
            _ => Some(PathBuf::from(&self.0)),
        }
    }
}

impl TryFrom<String> for InboxFolder {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_below_home = text.starts_with("~/") || text.starts_with("~\\");
        if text.is_empty() || is_below_home || Path::new(&text).is_absolute() {
            Ok(Self(text))
        } else {
            Err(
                "the value is not a folder; write its whole path, which may begin with ~/ for your home folder",
            )
        }
    }
}

impl From<InboxFolder> for String {
    fn from(folder: InboxFolder) -> Self {
        folder.0
    }
}

/// An amount of bytes, such as `20GB`; empty for none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SizeLimit(pub Option<u64>);

impl TryFrom<String> for SizeLimit {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        unless_empty(&text, "a size", size::parse).map(Self)
    }
}

impl From<SizeLimit> for String {
    fn from(limit: SizeLimit) -> Self {
        limit.0.map(size::compact).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("config.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn what_visitors_hand_in_can_be_limited() {
        let config = parse(
            "[share]\nuploads = true\n[receive]\nfolder = \"~/Inbox\"\nmax_size = \"20 GB\"\nmax_files = 500\nmax_visitor_size = \"1.5GiB\"\nmin_free = \"\"\n",
        )
        .unwrap();
        assert!(config.defaults().uploads);
        assert_eq!(config.defaults().max_size, Some(20_000_000_000));
        assert_eq!(config.receive.max_visitor_size.0, Some(1_610_612_736));
        assert_eq!(config.receive.min_free.0, None);
        let home = Path::new("/home/somebody");
        assert_eq!(
            config.receive.folder.path(Some(home)),
            Some(home.join("Inbox"))
        );
        let shown = config.shown().unwrap();
        assert!(shown.contains("max_size = \"20GB\""), "{shown}");
        let usual = parse("").unwrap();
        assert_eq!(usual.receive.folder.path(Some(home)), None);
        assert!(usual.shown().unwrap().contains("min_free = \"1GB\""));
    }

    #[test]
    fn what_can_not_be_meant_is_explained() {
        for (text, words) in [
            (
                "[receive]\nmax_size = \"20\"",
                "line 2: the value is not a size; write a number and MB, GB or TB",
            ),
            (
                "[receive]\nmax_size = 20",
                "`max_size` must be text in quotes.",
            ),
            (
                "[receive]\nmax_files = -1",
                "`max_files` must be a number, 0 or more.",
            ),
            (
                "[receive]\nfolder = \"Inbox\"",
                "the value is not a folder; write its whole path",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
