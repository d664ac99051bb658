//! The dialog for a folder or files, and the folder for received files while it is open.

use std::path::PathBuf;

use tokio::task::spawn_blocking;

use super::{events::Events, inbox_folders::InboxFolders};
use crate::{
    app::{Event, Purpose},
    desktop::picker,
};

/// Shows the dialog, opened at `start`, and reports what the user chose. A folder for received files is
/// there meanwhile, so that it can be chosen.
pub fn show(purpose: Purpose, start: Option<PathBuf>, folders: InboxFolders, events: Events) {
    tokio::spawn(async move {
        let inbox = start.clone().filter(|_| purpose == Purpose::Receive);
        let make = move || {
            let made = folders.make(&inbox?);
            made.inspect_err(
                |error| tracing::warn!(%error, "can't make the folder for received files"),
            )
            .ok()
        };
        // Fails if the program is ending.
        let made = spawn_blocking(make).await.ok().flatten();
        let picked = picker::pick(purpose, start.as_deref()).await;
        events.send(Event::Picked(picked));
        // If it was not chosen, it is removed again.
        let _ = spawn_blocking(move || drop(made)).await;
    });
}
