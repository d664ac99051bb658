//! The desktop's own dialog for choosing a folder.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod platform;

use std::path::Path;

pub use self::platform::pick_folder;
use crate::app::Pick;

const TITLE: &str = "Share a folder with Spot Serve";

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
