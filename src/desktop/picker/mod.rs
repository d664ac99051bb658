//! The desktop's own dialog for choosing a folder.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod platform;

use crate::app::Pick;

/// Shows the dialog and waits for the person.
pub async fn pick_folder() -> Pick {
    if let Err(sentence) = platform::check_available().await {
        return Pick::Failed(sentence);
    }
    let dialog = rfd::AsyncFileDialog::new().set_title("Share a folder with Spot Serve");
    match dialog.pick_folder().await {
        Some(folder) => Pick::Chosen(folder.path().to_owned()),
        None => Pick::Cancelled,
    }
}
