//! The end of a request that has written to an upload. All of this may wait for the disk.

use std::{sync::Arc, time::SystemTime};

use tokio::time::Instant;

use super::{
    entry::{Stage, Upload},
    error::ReceiveError,
    landing::put_in_place,
    lease::{Lease, PartFile},
    mark_system::mark,
    parts,
    place::{Destination, Whole, folder_key},
    record::Record,
    shared::Shared,
    upload::Written,
};
use crate::server::folder::Folder;

/// Where a file comes from if its link is unknown. Systems use this too.
const UNKNOWN_ORIGIN: &str = "about:internet";

/// Ends a request. The upload is complete if its last byte is here, or `ends_file`.
///
/// # Errors
/// Why it is not what was sent, or can't be kept. Then the request has to be [`cut_off`].
pub fn finish(
    shared: &Arc<Shared>,
    upload: &Arc<Upload>,
    lease: &Arc<Lease>,
    ends_file: bool,
) -> Result<Written, ReceiveError> {
    let written = finish_with(shared, upload, lease, ends_file)?;
    upload.release(lease);
    Ok(written)
}

fn finish_with(
    shared: &Arc<Shared>,
    upload: &Arc<Upload>,
    lease: &Arc<Lease>,
    ends_file: bool,
) -> Result<Written, ReceiveError> {
    let mut slot = lease.file();
    if lease.is_lost() {
        return Err(lost(upload));
    }
    shared.rules()?;
    let Some(part) = slot.as_mut() else {
        return Err(ReceiveError::Removed);
    };
    if let Some(hashing) = part.hashing.take() {
        if !hashing.matches() {
            restore(upload, part);
            return Err(ReceiveError::Checksum);
        }
        let checked = part.parts.checked(upload.record.id);
        checked.map_err(|error| shared.failed(error))?;
    }
    let length = {
        let mut state = upload.state();
        state.offset = part.length;
        if ends_file {
            match state.length {
                Some(length) if length != part.length => return Err(ReceiveError::Length),
                _ => state.length = Some(part.length),
            }
        }
        state.length
    };
    if let Some(delivery) = upload.record.delivery {
        let deliveries = &mut shared.table().deliveries;
        deliveries.touch(delivery, Instant::now());
    }
    if length == Some(part.length)
        && let Some(part) = slot.take()
    {
        return complete(shared, upload, part);
    }
    if let Some(part) = slot.take() {
        shared.keep_record(upload, &part.parts)?;
    }
    Ok(written(upload))
}

/// Ends a request that was cut off.
pub fn cut_off(
    shared: &Arc<Shared>,
    upload: &Arc<Upload>,
    lease: &Arc<Lease>,
    root: &Folder,
    is_new: bool,
) {
    let mut part = lease.file().take();
    if lease.is_lost() {
        return;
    }
    if let Some(part) = &mut part {
        restore_unchecked(upload, part);
    }
    let result = match part {
        // Nobody knows that it began.
        _ if is_new && !is_resumable(upload) => {
            drop(part);
            shared.remove(upload, root)
        }
        // Only the end of the request is missing.
        Some(part) if upload.state().length == Some(part.length) => {
            complete(shared, upload, part).map(drop)
        }
        Some(part) => shared.keep_record(upload, &part.parts),
        None => Ok(()),
    };
    if let Err(error) = result {
        tracing::debug!(%error, "an upload that was cut off can't be kept or removed");
    }
    upload.release(lease);
}

/// Forgets what a request has written if it was not checked yet.
pub fn restore_unchecked(upload: &Upload, part: &mut PartFile) {
    if part.hashing.take().is_some() {
        restore(upload, part);
    }
}

/// Completes an upload whose last byte is here already.
///
/// # Errors
/// Why it can't be completed.
pub fn complete_now(
    shared: &Arc<Shared>,
    upload: &Arc<Upload>,
    lease: &Arc<Lease>,
) -> Result<(), ReceiveError> {
    shared.rules()?;
    let part = lease.file().take();
    let completed = match part {
        Some(part) if upload.state().length == Some(part.length) => {
            complete(shared, upload, part).map(drop)
        }
        _ => Ok(()),
    };
    upload.release(lease);
    completed
}

/// Whether the visitor may find the upload without its ID.
fn is_resumable(upload: &Upload) -> bool {
    upload.record.delivery.is_some() && upload.record.key.is_some()
}

/// Back to what was there before the request.
fn restore(upload: &Upload, part: &mut PartFile) {
    let id = upload.record.id;
    match part.restore().and_then(|()| part.parts.checked(id)) {
        Ok(()) => upload.state().offset = part.base,
        // The next start of the program tries again.
        Err(error) => tracing::warn!(%error, "unchecked bytes of an upload stay"),
    }
}

/// All bytes are here: the file will be in its place even if the program ends now.
fn complete(
    shared: &Arc<Shared>,
    upload: &Arc<Upload>,
    part: PartFile,
) -> Result<Written, ReceiveError> {
    let record = &upload.record;
    // From here on nobody removes it.
    upload.claim(record.file())?;
    let placed =
        note_complete(shared, upload, &part).inspect_err(|_| upload.set_stage(Stage::Open));
    let whole = Whole {
        record: placed?,
        wanted: record.name().to_owned(),
        is_recovered: false,
    };
    put_in_place(shared, upload, part.parts, part.file, whole);
    Ok(written(upload))
}

/// Keeps where a complete file goes. Returns its record with its place.
fn note_complete(
    shared: &Shared,
    upload: &Upload,
    part: &PartFile,
) -> Result<Record, ReceiveError> {
    let record = &upload.record;
    let name = parts::part(record.id);
    let origin = record.origin.as_deref().unwrap_or(UNKNOWN_ORIGIN);
    mark(part.parts.dir(), &name, &part.file, origin);
    let destination = Destination::find(
        part.parts.root().dir(),
        &record.handed_to(),
        record.folders(),
    )
    .map_err(|error| shared.failed(error))?;
    let key = folder_key(&destination.record(record, record.name()));
    let is_there = |name: &str| destination.has(name);
    let chosen = shared.reserved.reserve(&key, record.name(), is_there);
    let mut whole = destination.record(record, &chosen);
    whole.length = Some(part.length);
    // Before it is noted, so that the owner isn't told of the delivery without it.
    if let Some(delivery) = record.delivery {
        let deliveries = &mut shared.table().deliveries;
        deliveries.whole(delivery, Instant::now());
    }
    if let Err(error) = part.parts.add_done(&whole) {
        // With its record, the upload is found again.
        if !upload.state().is_recorded {
            shared.reserved.release(&key, &chosen);
            if let Some(delivery) = record.delivery {
                shared.table().deliveries.reopen(delivery);
            }
            return Err(shared.failed(error));
        }
        tracing::warn!(%error, "a complete upload can't be noted");
    }
    Ok(whole)
}

/// What is known of an upload now.
pub fn written(upload: &Upload) -> Written {
    let state = upload.state();
    let file = match &state.stage {
        Stage::Whole(file) | Stage::Placed(file) | Stage::Stuck(file) => Some(file.clone()),
        Stage::Open | Stage::Removed => None,
    };
    Written {
        offset: state.offset,
        length: state.length,
        expires: state.expires().max(SystemTime::now()),
        file,
    }
}

/// Why the right to write is lost.
pub fn lost(upload: &Upload) -> ReceiveError {
    if upload.stage() == Stage::Removed {
        ReceiveError::Removed
    } else {
        ReceiveError::Busy
    }
}
