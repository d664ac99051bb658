//! The dialog of the system for a folder or files, or of the desktop's portal.

use std::path::{Path, PathBuf};

use crate::app::{PickResult, Purpose};

/// The title of the dialog: what is chosen for.
pub fn title(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Share => "Share a folder with Spot Serve",
        Purpose::ShareFiles => "Share files with Spot Serve",
        Purpose::Receive => "Choose where Spot Serve puts received files",
    }
}

/// Shows the dialog, opened at `start`, and waits for the user.
pub async fn pick(purpose: Purpose, start: Option<&Path>) -> PickResult {
    let mut dialog = rfd::AsyncFileDialog::new().set_title(title(purpose));
    if let Some(start) = start {
        dialog = dialog.set_directory(start);
    }
    if purpose == Purpose::ShareFiles {
        let files = dialog.pick_files().await.unwrap_or_default();
        let files: Vec<PathBuf> = files.iter().map(|file| file.path().to_owned()).collect();
        return if files.is_empty() {
            PickResult::Cancelled
        } else {
            PickResult::ChosenFiles(files)
        };
    }
    match dialog.pick_folder().await {
        Some(folder) => PickResult::Chosen(folder.path().to_owned()),
        None => PickResult::Cancelled,
    }
}
