//! Writes the body of one request to an upload.

use std::{
    io::{Error, ErrorKind},
    mem,
    sync::Arc,
};

use bytes::Bytes;
use tokio::{
    runtime::Handle,
    task::{JoinHandle, spawn_blocking},
    time::{Duration, timeout},
};

use super::{
    entry::{Stage, Upload},
    error::ReceiveError,
    finish::{cut_off, finish, lost, written},
    id::UploadId,
    lease::{Lease, PartFile},
    placer::LARGE,
    shared::{Shared, off_thread},
    upload::{UploadStatus, Written},
};
use crate::server::folder::Folder;

/// So many bytes are written together, unless a chunk is larger. As many come meanwhile, so that an
/// upload takes twice that. Only visitors who send fast have large chunks, as long as there is memory
/// for them; of the others there may be many.
const GATHERED: usize = 32 * 1024;

/// So many pieces are written together. Each may be a small part of a large buffer.
const PIECES: usize = 32;

/// More complete files don't wait to be put in their places: visitors wait instead.
const MAX_WAITING: usize = 256;

/// How long a visitor waits until a small file is in its place.
const SMALL_WAIT: Duration = Duration::from_secs(1);

/// How long a visitor waits until a large file is in its place.
const LARGE_WAIT: Duration = Duration::from_millis(50);

/// How long a visitor waits if the disk has fallen behind.
const BEHIND_WAIT: Duration = Duration::from_secs(30);

/// What has become of a request that begins an upload.
#[derive(Debug)]
pub enum Begun {
    /// It may be written.
    New(PartWriter),
    /// The visitor began it before, and didn't learn so. Nothing is to be written.
    Known(UploadId, UploadStatus),
}

/// The only one that may write to an upload at the moment.
///
/// If it is dropped before its end, what was written stays, and the visitor may continue there. An
/// upload that began with this writer is removed, unless it has a key: nobody else knows its name yet.
#[derive(Debug)]
pub struct PartWriter {
    shared: Arc<Shared>,
    upload: Arc<Upload>,
    lease: Arc<Lease>,
    root: Folder,
    /// The part is made with its first bytes.
    is_unmade: bool,
    is_new: bool,
    offset: u64,
    gathered: Vec<Bytes>,
    gathered_bytes: usize,
    running: Option<JoinHandle<Result<(), ReceiveError>>>,
    is_over: bool,
}

impl PartWriter {
    /// Of an upload that begins with this request.
    pub(super) fn of_new(
        shared: &Arc<Shared>,
        upload: Arc<Upload>,
        lease: Arc<Lease>,
        root: Folder,
    ) -> Self {
        let mut writer = Self::of_open(shared, upload, lease, root);
        writer.is_unmade = true;
        writer.is_new = true;
        writer
    }

    /// Of an upload whose part is open.
    pub(super) fn of_open(
        shared: &Arc<Shared>,
        upload: Arc<Upload>,
        lease: Arc<Lease>,
        root: Folder,
    ) -> Self {
        let offset = upload.state().offset;
        Self {
            shared: Arc::clone(shared),
            upload,
            lease,
            root,
            is_unmade: false,
            is_new: false,
            offset,
            gathered: Vec::new(),
            gathered_bytes: 0,
            running: None,
            is_over: false,
        }
    }

    /// The part is open.
    pub(super) fn is_at(&mut self, offset: u64) {
        self.offset = offset;
    }

    /// The upload's name.
    pub fn id(&self) -> UploadId {
        self.upload.record.id
    }

    /// The name of the file. Fit to be shown.
    pub fn name(&self) -> &str {
        self.upload.record.path.last().map_or("", String::as_str)
    }

    /// Where the file is to go: the folder that it was handed in to, and names below it.
    pub fn place(&self) -> (&str, &[String]) {
        self.upload.record.place()
    }

    /// How long the upload will be, if known.
    pub fn length(&self) -> Option<u64> {
        self.upload.state().length
    }

    /// How much of the upload is here, with what was given to the writer.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Waits until another request takes over, because this one is stalled.
    pub async fn taken_over(&self) {
        self.lease.lost().await;
    }

    /// Adds bytes. Returns before they are on the disk, unless that is slower than the visitor.
    ///
    /// # Errors
    /// Why no more is taken. What was written before stays.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), ReceiveError> {
        if self.lease.is_lost() {
            return Err(lost(&self.upload));
        }
        self.lease.hear();
        if bytes.is_empty() {
            return Ok(());
        }
        let end = self.offset + bytes.len() as u64;
        if self
            .upload
            .state()
            .length
            .is_some_and(|length| end > length)
        {
            return Err(ReceiveError::Length);
        }
        self.offset = end;
        self.gathered_bytes += bytes.len();
        self.gathered.push(bytes);
        if self.gathered_bytes >= GATHERED || self.gathered.len() >= PIECES {
            self.write_gathered().await?;
        }
        Ok(())
    }

    /// Writes what was gathered, because nothing more comes for a while.
    ///
    /// # Errors
    /// Why no more is taken.
    pub async fn write_gathered(&mut self) -> Result<(), ReceiveError> {
        if !self.gathered.is_empty() {
            self.written().await?;
            self.running = Some(spawn_blocking(self.append()));
        }
        Ok(())
    }

    /// Ends the request. What was written can be relied on from now on.
    ///
    /// # Errors
    /// Why it could not be stored, or is not what was sent.
    pub async fn finish(self) -> Result<Written, ReceiveError> {
        self.end(false).await
    }

    /// As [`PartWriter::finish`], for a file that ends here.
    ///
    /// # Errors
    /// As there.
    pub async fn finish_file(self) -> Result<Written, ReceiveError> {
        self.end(true).await
    }

    /// As [`PartWriter::finish_file`], for a program that looks for the file next: waits longer until it is
    /// in its place.
    ///
    /// # Errors
    /// As there.
    pub async fn finish_file_in_place(self) -> Result<Written, ReceiveError> {
        let upload = Arc::clone(&self.upload);
        self.end(true).await?;
        let settled = timeout(BEHIND_WAIT, upload.settled()).await;
        after_wait(&upload, settled.ok())
    }

    /// Forgets what was written with this writer.
    pub async fn discard(mut self) {
        let _ = self.written().await;
        let (upload, lease) = (Arc::clone(&self.upload), Arc::clone(&self.lease));
        let discarded = off_thread(move || {
            let mut slot = lease.file();
            let part = slot.as_mut().filter(|_| !lease.is_lost());
            part.map_or(Ok(()), |part| {
                part.restore().map_err(ReceiveError::from_disk)?;
                upload.state().offset = part.base;
                Ok(())
            })
        });
        if let Err(error) = discarded.await {
            tracing::warn!(%error, "what was written to an upload stays");
        }
    }

    /// Ends the request early, as dropping the writer does, and waits until that is done.
    pub async fn cut_off(mut self) {
        let _ = self.written().await;
        self.is_over = true;
        let close = self.close();
        let closed = off_thread(move || {
            close();
            Ok(())
        });
        if let Err(error) = closed.await {
            tracing::warn!(%error, "an upload that was cut off stays open");
        }
    }

    async fn end(mut self, ends_file: bool) -> Result<Written, ReceiveError> {
        let ended = match self.end_writing(ends_file).await {
            Ok(ended) => ended,
            Err(error) => {
                self.cut_off().await;
                return Err(error);
            }
        };
        self.is_over = true;
        self.placed(ended).await
    }

    async fn end_writing(&mut self, ends_file: bool) -> Result<Written, ReceiveError> {
        self.written().await?;
        let append = self.append();
        let (shared, upload) = (Arc::clone(&self.shared), Arc::clone(&self.upload));
        let lease = Arc::clone(&self.lease);
        let ended = off_thread(move || {
            append()?;
            finish(&shared, &upload, &lease, ends_file)
        });
        ended.await
    }

    /// Waits until a file is in its place, but not for long.
    async fn placed(&self, ended: Written) -> Result<Written, ReceiveError> {
        if ended.file.is_none() {
            return Ok(ended);
        }
        let waits = if self.shared.placer.waiting() > MAX_WAITING {
            BEHIND_WAIT
        } else if ended.offset > LARGE {
            LARGE_WAIT
        } else if self.shared.is_patient() {
            SMALL_WAIT
        } else {
            return Ok(ended);
        };
        let settled = timeout(waits, self.upload.settled()).await;
        after_wait(&self.upload, settled.ok())
    }

    /// Ends the request early. Waits until a write is done.
    fn close(&self) -> impl FnOnce() + Send + use<> {
        let (shared, upload) = (Arc::clone(&self.shared), Arc::clone(&self.upload));
        let (lease, is_new) = (Arc::clone(&self.lease), self.is_new);
        let root = self.root.clone();
        move || cut_off(&shared, &upload, &lease, &root, is_new)
    }

    /// Waits until what was given to the disk is written.
    async fn written(&mut self) -> Result<(), ReceiveError> {
        match self.running.take() {
            Some(running) => {
                let done = running.await;
                done.map_err(|error| ReceiveError::Failed(Error::other(error)))?
            }
            None => Ok(()),
        }
    }

    /// Writes what was gathered. May wait for the disk.
    fn append(&mut self) -> impl FnOnce() -> Result<(), ReceiveError> + Send + use<> {
        let gathered = mem::take(&mut self.gathered);
        self.gathered_bytes = 0;
        let unmade = mem::take(&mut self.is_unmade).then(|| self.root.clone());
        let (shared, upload) = (Arc::clone(&self.shared), Arc::clone(&self.upload));
        let lease = Arc::clone(&self.lease);
        move || {
            let mut slot = lease.file();
            if lease.is_lost() {
                return Err(lost(&upload));
            }
            if let Some(root) = unmade {
                *slot = Some(create_part(&shared, &upload, &root)?);
            }
            match slot.as_mut() {
                Some(part) => append(&shared, &upload, part, &gathered),
                None => Err(ReceiveError::Removed),
            }
        }
    }
}

/// What to say about a complete upload after a wait until it is in its place, or `None` if that took
/// too long.
fn after_wait(upload: &Upload, settled: Option<Stage>) -> Result<Written, ReceiveError> {
    match settled {
        // Complete, but nobody can use it where it is.
        Some(Stage::Stuck(_)) => Err(ReceiveError::Away(None)),
        // The disk has not kept it.
        Some(Stage::Open | Stage::Removed) => Err(ReceiveError::Lost),
        Some(Stage::Whole(_) | Stage::Placed(_)) | None => Ok(written(upload)),
    }
}

impl Drop for PartWriter {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let close = self.close();
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(close)),
            Err(_) => close(),
        }
    }
}

/// Makes the part of an upload whose first bytes have come.
pub fn create_part(
    shared: &Shared,
    upload: &Upload,
    root: &Folder,
) -> Result<PartFile, ReceiveError> {
    for is_last in [false, true] {
        let parts = shared.parts(root)?;
        match parts.create_part(upload.record.id) {
            // The folder was removed meanwhile, because it was empty.
            Err(error) if !is_last && error.kind() == ErrorKind::NotFound => shared.forget_parts(),
            Err(error) => return Err(shared.failed(error)),
            Ok(file) => return Ok(PartFile::new(parts, file, 0)),
        }
    }
    Err(ReceiveError::Away(None))
}

/// Writes bytes, if they may still be written.
fn append(
    shared: &Shared,
    upload: &Upload,
    part: &mut PartFile,
    pieces: &[Bytes],
) -> Result<(), ReceiveError> {
    let bytes = pieces.iter().map(|piece| piece.len() as u64).sum();
    if bytes == 0 {
        return Ok(());
    }
    let rules = shared.rules()?;
    let (stage, length, visitor) = {
        let state = upload.state();
        (state.stage.clone(), state.length, upload.record.visitor)
    };
    if stage != Stage::Open {
        return Err(ReceiveError::Removed);
    }
    let end = part.length + bytes;
    if length.is_some_and(|length| end > length) {
        return Err(ReceiveError::Length);
    }
    let wanted = length.unwrap_or(end);
    let id = upload.record.id;
    shared
        .table()
        .check_room(&rules, visitor, wanted, Some(id))?;
    shared
        .space
        .check(part.parts.root(), bytes, rules.min_free)?;
    let before = part.length;
    let appended = part.append(pieces);
    shared.space.wrote(part.length - before);
    upload.state().progressed(part.length);
    appended.map_err(|error| shared.failed(error))
}
