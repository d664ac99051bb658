//! Why no cloudflared can be run.

use std::path::PathBuf;

/// There is no cloudflared that may be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} {}", self.reason(), self.advice())]
pub enum SidecarError {
    Missing,
    /// The settings name a file that does not exist.
    NotThere(PathBuf),
    WrongHash(PathBuf),
    Unreadable(PathBuf, String),
}

impl SidecarError {
    /// What is wrong, as a sentence.
    pub fn reason(&self) -> String {
        match self {
            Self::Missing => "cloudflared is not installed.".to_owned(),
            Self::NotThere(path) => format!(
                "The cloudflared set in config.toml ({}) doesn't exist.",
                path.display()
            ),
            Self::WrongHash(path) => format!(
                "{} is not the cloudflared expected by this version of Spot Serve (its SHA-256 differs).",
                path.display()
            ),
            Self::Unreadable(path, error) => format!("{} can't be read ({error}).", path.display()),
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Missing => "Run `spot-serve sidecar fetch` to download it.",
            Self::NotThere(_) => {
                "Correct [tunnel] cloudflared in the settings, or remove it and run `spot-serve sidecar fetch`."
            }
            Self::WrongHash(_) => "Remove it, then run `spot-serve sidecar fetch`.",
            Self::Unreadable(..) => {
                "Make it readable, or remove it and run `spot-serve sidecar fetch`."
            }
        }
    }
}
