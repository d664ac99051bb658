//! What becomes of complete files.

use std::{fs::File, io, sync::Arc};

use super::{
    entry::{Stage, Upload},
    parts::Parts,
    place::{Whole, folder_key},
    placer::{Job, Unplaced},
    record::Record,
    shared::Shared,
    table::alone,
};

/// Puts a complete part in its place, soon.
pub fn put_in_place(
    shared: &Arc<Shared>,
    upload: &Arc<Upload>,
    parts: Arc<Parts>,
    file: File,
    whole: Whole,
) {
    {
        let mut state = upload.state();
        state.stage = Stage::Whole(whole.record.file());
        state.whole = Some(whole.record.clone());
        state.progress.is_whole();
    }
    upload.changed.notify_waiters();
    let (owner, upload) = (Arc::clone(shared), Arc::clone(upload));
    let kept = Arc::clone(&parts);
    let done = move |placed| match placed {
        Ok(placed) => is_placed(&owner, &upload, &kept, &placed),
        Err(Unplaced::Unmoved(error)) => is_stuck(&owner, &upload, &error),
        Err(Unplaced::Unwritten(error)) => is_lost(&owner, &upload, &kept, &error),
    };
    shared.placer.add(Job {
        parts,
        whole,
        file,
        reserved: Arc::clone(&shared.reserved),
        done: Box::new(done),
    });
}

/// A file is in its place.
fn is_placed(shared: &Shared, upload: &Upload, parts: &Parts, placed: &Record) {
    let file = placed.file();
    let is_recorded = {
        let mut state = upload.state();
        if let Some(whole) = state.whole.take() {
            shared.reserved.release(&folder_key(&whole), whole.name());
        }
        state.is_recorded
    };
    let told = shared.table().placed(placed, &file);
    let (sender, visitor) = (placed.sender.clone(), placed.visitor);
    shared
        .uploads
        .received(file.name.clone(), file.bytes, sender, visitor);
    if placed.delivery.is_none() {
        shared.uploads.delivered(alone(placed, &file));
    } else if let Some(told) = told {
        shared.tell(told, parts);
    }
    parts.step("reported");
    if is_recorded && let Err(error) = parts.remove_record(placed.id) {
        tracing::debug!(%error, "the record of a complete upload stays");
    }
    upload.set_stage(Stage::Placed(file));
    shared.tidy_later();
}

/// A file can't be moved to its place. That is tried again later.
fn is_stuck(shared: &Shared, upload: &Upload, error: &io::Error) {
    let name = upload.record.name();
    tracing::warn!(%error, name, "a received file can't be put in its place yet");
    upload.set_stuck();
    shared.clock.notify_one();
}

/// The bytes of a file may not be what came. The visitor has to send them again, if that is possible.
fn is_lost(shared: &Shared, upload: &Upload, parts: &Parts, error: &io::Error) {
    let record = &upload.record;
    let name = record.name();
    tracing::error!(%error, name, "a received file can't be written to the disk, and is discarded");
    // Before anything else: a restart must not take it for a whole one.
    if let Err(error) = parts.lose(record.id) {
        tracing::error!(%error, name, "a damaged file may be taken for a whole one after a restart");
    }
    let is_resumable = {
        let mut state = upload.state();
        if let Some(whole) = state.whole.take() {
            shared.reserved.release(&folder_key(&whole), whole.name());
        }
        state.offset = 0;
        state.is_recorded || record.key.is_some()
    };
    {
        let mut table = shared.table();
        if let Some(delivery) = record.delivery {
            table.deliveries.reopen(delivery);
        }
        if !is_resumable {
            table.remove(upload);
        }
    }
    if !is_resumable {
        upload.set_stage(Stage::Removed);
        return;
    }
    upload.state().progress.is_open();
    upload.set_stage(Stage::Open);
    if let Err(error) = shared.keep_record(upload, parts) {
        tracing::debug!(%error, "an upload that starts again has no record");
    }
}
