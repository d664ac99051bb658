//! The desktop's own dialog for choosing a folder.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod platform;

use std::path::{Path, PathBuf};

use tokio::task::spawn_blocking;

use crate::{app::Pick, paths};

const TITLE: &str = "Share a folder with Spot Serve";

/// Shows the dialog, opened at `start`, and waits for the person. Without somebody who waits the
/// dialog goes, too.
pub async fn pick_folder(start: Option<&Path>) -> Pick {
    match platform::pick_folder(start).await {
        Pick::Chosen(folder) => Pick::Chosen(real(folder).await),
        other => other,
    }
}

/// A link to a folder is the same share as the folder.
async fn real(folder: PathBuf) -> PathBuf {
    let named = folder.clone();
    match spawn_blocking(move || paths::real(&named)).await {
        Ok(Ok(real)) => real,
        _ => folder,
    }
}

/// The dialog of the system, or of the desktop's portal.
async fn by_system(start: Option<&Path>) -> Pick {
    let mut dialog = rfd::AsyncFileDialog::new().set_title(TITLE);
    if let Some(start) = start {
        dialog = dialog.set_directory(start);
    }
    match dialog.pick_folder().await {
        Some(folder) => Pick::Chosen(folder.path().to_owned()),
        None => Pick::Cancelled,
    }
}
