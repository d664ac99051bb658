//! The end of a share: what is complete gets to its place, and nothing else is left.

use std::{collections::HashSet, io, sync::Arc};

use tokio::time::{Duration, Instant, timeout_at};

use super::{
    entry::{Stage, Upload},
    inventory::Contents,
    parts::{Parts, is_old},
    shared::{Shared, off_thread},
};
use crate::server::folder::Folder;

/// How long the end of a share waits for the disk. What takes longer is finished when the folder is
/// shared again.
const PATIENCE: Duration = Duration::from_millis(1500);

/// What becomes of uploads that are not complete when a share ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenUploads {
    /// They go on when the share does.
    Keep,
    /// Nobody can go on with them.
    Discard,
}

/// Ends the uploads of a share. No request may be under way any more.
pub async fn close(shared: &Arc<Shared>, open: OpenUploads) {
    if shared.recovered.get().is_none() {
        // Nothing has come in.
        return;
    }
    let deadline = Instant::now() + PATIENCE;
    let uploads: Vec<_> = shared.table().uploads.values().cloned().collect();
    for upload in &uploads {
        if timeout_at(deadline, upload.settled()).await.is_err() {
            tracing::warn!("received files are not in their places yet: the disk is slow");
            return;
        }
    }
    if open == OpenUploads::Keep {
        return;
    }
    // No new handle of a folder that is away.
    let Ok(Ok(root)) = timeout_at(deadline, shared.root()).await else {
        return;
    };
    let owner = Arc::clone(shared);
    let discarded = off_thread(move || {
        discard(&owner, &uploads, &root);
        Ok(())
    });
    if timeout_at(deadline, discarded).await.is_err() {
        tracing::warn!("parts of files that were not complete stay: the disk is slow");
    }
}

fn discard(shared: &Shared, uploads: &[Arc<Upload>], root: &Folder) {
    for upload in uploads {
        let is_ours = {
            let state = upload.state();
            state.stage == Stage::Open && state.is_ours
        };
        if is_ours && let Err(error) = shared.remove(upload, root) {
            tracing::debug!(%error, "the part of a file that is not complete stays");
        }
    }
    let tidied = Parts::open(root).and_then(|parts| match parts {
        Some(parts) => {
            remove_left_over(&parts)?;
            parts.tidy(true)
        }
        None => Ok(()),
    });
    if let Err(error) = tidied {
        tracing::debug!(%error, "the folder of incomplete uploads can't be tidied");
    }
}

/// Removes what the program did not survive earlier. What was touched a short time ago may belong to
/// another share of the folder, where somebody goes on with it.
fn remove_left_over(parts: &Parts) -> io::Result<()> {
    let contents = Contents::of(parts)?;
    let complete: HashSet<_> = contents.done.iter().map(|record| record.id).collect();
    for name in &contents.broken {
        parts.remove_old(name)?;
    }
    for part in contents.parts {
        if is_old(part.modified) && !complete.contains(&part.id) && parts.open_part(part.id).is_ok()
        {
            parts.remove(part.id)?;
        }
    }
    Ok(())
}
