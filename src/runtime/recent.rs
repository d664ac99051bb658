//! Writes the recent folders beside the program's loop: a slow disk holds up no share.

use std::path::PathBuf;

use tokio::{
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
};

use crate::store;

/// The file that keeps the recent folders.
pub struct RecentFile {
    lists: mpsc::UnboundedSender<Vec<PathBuf>>,
    writer: JoinHandle<()>,
}

impl RecentFile {
    pub fn at(path: PathBuf) -> Self {
        let (lists, inbox) = mpsc::unbounded_channel();
        Self {
            lists,
            writer: tokio::spawn(write_all(path, inbox)),
        }
    }

    /// Writes this list at once, or as soon as the one before is written.
    pub fn save(&self, folders: Vec<PathBuf>) {
        // The receiver lives as long as this sender.
        let _ = self.lists.send(folders);
    }

    /// Waits until everything is written.
    pub async fn close(self) {
        drop(self.lists);
        if let Err(error) = self.writer.await {
            tracing::warn!(%error, "the recent folders may not be saved");
        }
    }
}

async fn write_all(path: PathBuf, mut lists: mpsc::UnboundedReceiver<Vec<PathBuf>>) {
    while let Some(mut folders) = lists.recv().await {
        // Of several that wait only the last matters.
        while let Ok(newer) = lists.try_recv() {
            folders = newer;
        }
        let path = path.clone();
        let saved = spawn_blocking(move || store::save_recent(&path, &folders)).await;
        if let Err(error) = saved.unwrap_or_else(|error| Err(error.into())) {
            tracing::warn!(%error, "the recent folders can't be saved");
        }
    }
}
