//! The desktop's own dialog for choosing a folder.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod platform;

use std::path::Path;

use tokio::task::spawn_blocking;

use crate::{app::Pick, paths};

/// Shows the dialog, opened at `start`, and waits for the person.
pub async fn pick_folder(start: Option<&Path>) -> Pick {
    if let Err(sentence) = platform::check_available().await {
        return Pick::Failed(sentence);
    }
    let mut dialog = rfd::AsyncFileDialog::new().set_title("Share a folder with Spot Serve");
    if let Some(start) = start {
        dialog = dialog.set_directory(start);
        // zenity is told by a name alone, and takes one with a slash at its end for the folder.
        if let Some(start) = start.to_str().filter(|_| cfg!(target_os = "linux")) {
            dialog = dialog.set_file_name(format!("{start}/"));
        }
    }
    match dialog.pick_folder().await {
        // A link to a folder is the same share as the folder.
        Some(folder) => {
            let chosen = folder.path().to_owned();
            let real = spawn_blocking({
                let chosen = chosen.clone();
                move || paths::real(&chosen)
            });
            match real.await {
                Ok(Ok(real)) => Pick::Chosen(real),
                _ => Pick::Chosen(chosen),
            }
        }
        None => Pick::Cancelled,
    }
}
