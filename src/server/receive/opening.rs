//! The right to write to an upload, and its part, open.

use std::{io::ErrorKind, pin::pin, sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until};

use super::{
    checksum::Checksum,
    entry::{Stage, Upload},
    error::ReceiveError,
    finish::restore_unchecked,
    lease::{Lease, PartFile},
    shared::Shared,
    writer::create_part,
};
use crate::server::folder::Folder;

/// How long a request waits for another that writes to the same upload.
const PATIENCE: Duration = Duration::from_secs(5);

/// The right to write to an upload that nobody knows yet.
pub fn first_lease(upload: &Upload) -> Arc<Lease> {
    let lease = Lease::new();
    upload.state().writer = Some(Arc::clone(&lease));
    lease
}

/// The right to write to an upload. Waits for a request that has it, but not for long.
pub async fn begin_lease(upload: &Upload) -> Result<Arc<Lease>, ReceiveError> {
    let deadline = Instant::now() + PATIENCE;
    let lease = Lease::new();
    loop {
        let mut changed = pin!(upload.changed.notified());
        // What happens from here on is not missed.
        changed.as_mut().enable();
        let stalls = {
            let mut state = upload.state();
            match &state.stage {
                Stage::Open => {}
                Stage::Removed => return Err(ReceiveError::Removed),
                _ => return Err(ReceiveError::Offset(state.offset)),
            }
            match &state.writer {
                Some(writer) if writer.stalls() > Instant::now() => writer.stalls(),
                last => {
                    if let Some(last) = last {
                        last.lose();
                        lease.follow(last);
                    }
                    state.writer = Some(Arc::clone(&lease));
                    return Ok(lease);
                }
            }
        };
        if Instant::now() >= deadline {
            return Err(ReceiveError::Busy);
        }
        tokio::select! {
            () = changed => {}
            () = sleep_until(stalls.min(deadline)) => {}
        }
    }
}

/// Opens the part of an upload at its end. What is there now counts, whatever was there before.
pub fn open_part(
    shared: &Arc<Shared>,
    upload: &Upload,
    lease: &Lease,
    root: &Folder,
    checksum: Option<Checksum>,
) -> Result<(), ReceiveError> {
    if let Some(last) = lease.predecessor()
        && let Some(mut part) = last.file().take()
    {
        restore_unchecked(upload, &mut part);
    }
    let id = upload.record.id;
    let parts = shared.parts(root)?;
    let part = match parts.open_part(id) {
        Ok((file, length)) => PartFile::new(parts, file, length),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // Nothing was written yet, or somebody has removed it.
            let part = create_part(shared, upload, root)?;
            upload.state().is_recorded &= part.parts.has_record(id);
            shared.keep_record(upload, &part.parts)?;
            part
        }
        Err(error) => return Err(shared.failed(error)),
    };
    let part = part.with_checksum(checksum);
    if checksum.is_some() {
        let noted = part.parts.unchecked(id, part.length);
        noted.map_err(|error| shared.failed(error))?;
    }
    {
        let mut state = upload.state();
        state.offset = part.length;
        state.is_ours = true;
    }
    *lease.file() = Some(part);
    Ok(())
}

/// Whether a request continues where an upload ends, and there is room for the rest.
pub fn check_offset(shared: &Shared, upload: &Upload, offset: u64) -> Result<(), ReceiveError> {
    let (here, length) = {
        let state = upload.state();
        (state.offset, state.length)
    };
    if here != offset {
        return Err(ReceiveError::Offset(here));
    }
    let rules = shared.rules()?;
    let (id, visitor) = (upload.record.id, upload.record.visitor);
    let bytes = length.unwrap_or(here);
    shared.table().check_room(&rules, visitor, bytes, Some(id))
}
