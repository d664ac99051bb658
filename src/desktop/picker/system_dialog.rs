//! The folder dialog of the system, or of the desktop's portal.

use std::path::Path;

use crate::app::{PickResult, Purpose};

/// The title of the dialog: what the folder is for.
pub fn title(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Share => "Share a folder with Spot Serve",
        Purpose::Receive => "Choose where Spot Serve puts received files",
    }
}

/// Shows the dialog, opened at `start`, and waits for the user.
pub async fn pick_folder(purpose: Purpose, start: Option<&Path>) -> PickResult {
    let mut dialog = rfd::AsyncFileDialog::new().set_title(title(purpose));
    if let Some(start) = start {
        dialog = dialog.set_directory(start);
    }
    match dialog.pick_folder().await {
        Some(folder) => PickResult::Chosen(folder.path().to_owned()),
        None => PickResult::Cancelled,
    }
}
