//! Why no cloudflared can be run.

use std::path::PathBuf;

/// There is no cloudflared that may be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SidecarError {
    #[error(
        "cloudflared is not installed. Run `spot-serve sidecar fetch`, or choose Download cloudflared in the menu."
    )]
    Missing,
    #[error(
        "{0}, which the settings name as cloudflared, does not exist. Correct [tunnel] cloudflared in the settings."
    )]
    NotThere(PathBuf),
    #[error(
        "{0} is not the cloudflared that belongs to this version of Spot Serve (its SHA-256 differs). Remove it, then run `spot-serve sidecar fetch`."
    )]
    WrongHash(PathBuf),
    #[error(
        "{0} can't be read ({1}). Make it readable, or remove it and run `spot-serve sidecar fetch`."
    )]
    Unreadable(PathBuf, String),
}
