//! The folder dialog of the system, or of the desktop's portal.

use std::path::Path;

use crate::app::PickResult;

/// The title of every folder dialog.
pub const TITLE: &str = "Share a folder with Spot Serve";

/// Shows the dialog, opened at `start`, and waits for the user.
pub async fn pick_folder(start: Option<&Path>) -> PickResult {
    let mut dialog = rfd::AsyncFileDialog::new().set_title(TITLE);
    if let Some(start) = start {
        dialog = dialog.set_directory(start);
    }
    match dialog.pick_folder().await {
        Some(folder) => PickResult::Chosen(folder.path().to_owned()),
        None => PickResult::Cancelled,
    }
}
