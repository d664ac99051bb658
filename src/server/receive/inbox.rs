//! What comes in to one share.

use std::{net::IpAddr, sync::Arc, time::SystemTime};

use tokio::time::{Duration, Instant, timeout_at};

use super::{
    checksum::Checksum,
    clock,
    close::{OpenUploads, close},
    create::{Created, create},
    entry::{Stage, Upload},
    error::ReceiveError,
    finish::complete_now,
    id::{DeliveryId, UploadId},
    made_folders::FolderMade,
    make_folder::make_folder,
    opening::{begin_lease, check_offset, first_lease, open_part},
    parts::REMEMBERED,
    recover::recover,
    shared::{Shared, off_thread},
    table::Known,
    upload::{DeliveryStatus, NewUpload, UploadStatus},
    writer::{Begun, PartWriter},
};
use crate::server::{
    folder::Folder,
    share::{FolderResource, Presence},
    transport::Visitor,
    uploads::Uploads,
};

/// How long a visitor waits until a delivery is in its place.
const DELIVERY_WAIT: Duration = Duration::from_secs(60);

/// The uploads of one share. Clones belong to the same share.
#[derive(Clone, Debug)]
pub struct Inbox(Arc<Shared>);

impl Inbox {
    /// What comes in to the folder that is present. If something may be handed in, files that were
    /// complete when the program ended are put in their places now, in the tokio runtime.
    pub fn new(presence: Presence, uploads: Uploads) -> Self {
        let takes_files = uploads.rules().is_some();
        let inbox = Self(Shared::new(presence, uploads));
        if takes_files && let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let inbox = inbox.clone();
            runtime.spawn(async move {
                if let Err(error) = inbox.root().await {
                    tracing::debug!(%error, "it is not known yet what has come in before");
                }
            });
        }
        inbox
    }

    /// Begins an upload that goes on with other requests. If the visitor began it before, it is the
    /// same one. `into` is a folder of the share.
    ///
    /// # Errors
    /// Why it is refused.
    pub async fn create(
        &self,
        into: &FolderResource,
        new: NewUpload,
    ) -> Result<UploadId, ReceiveError> {
        let shared = &self.0;
        let root = self.root().await?;
        let upload = match create(shared, &root, &into.path, new).await? {
            Created::New(upload) => upload,
            Created::Known(id) => return Ok(id),
        };
        let id = upload.record.id;
        if upload.record.length == Some(0) {
            // Nothing more comes.
            let lease = first_lease(&upload);
            let writer = PartWriter::of_new(shared, upload, lease, root);
            writer.finish().await?;
            return Ok(id);
        }
        let kept = Arc::clone(shared);
        off_thread(move || {
            let written = kept.parts(&root).and_then(|parts| {
                kept.keep_record(&upload, &parts)
                    .inspect_err(|_| kept.forget_parts())
            });
            written.inspect_err(|_| drop(kept.remove(&upload, &root)))
        })
        .await?;
        Ok(id)
    }

    /// Begins an upload and writes to it. It is removed unless that is finished, or it has a key.
    ///
    /// # Errors
    /// Why it is refused.
    pub async fn begin(
        &self,
        into: &FolderResource,
        new: NewUpload,
    ) -> Result<Begun, ReceiveError> {
        let root = self.root().await?;
        let upload = match create(&self.0, &root, &into.path, new).await? {
            Created::New(upload) => upload,
            Created::Known(id) => return Ok(Begun::Known(id, self.status(id).await?)),
        };
        let lease = first_lease(&upload);
        let writer = PartWriter::of_new(&self.0, upload, lease, root);
        Ok(Begun::New(writer))
    }

    /// What is known about an upload.
    ///
    /// # Errors
    /// If there is none.
    pub async fn status(&self, id: UploadId) -> Result<UploadStatus, ReceiveError> {
        let root = self.root().await?;
        let upload = match self.find(id, &root).await? {
            Known::Complete(complete) => {
                return Ok(UploadStatus {
                    offset: complete.file.bytes,
                    length: Some(complete.file.bytes),
                    expires: complete.when + REMEMBERED,
                    metadata: None,
                });
            }
            Known::Upload(upload) => upload,
        };
        let is_stalled = |upload: &Upload| {
            let state = upload.state();
            let is_unfinished = state.stage == Stage::Open && state.length == Some(state.offset);
            match &state.writer {
                Some(writer) => writer.stalls() <= Instant::now(),
                None => is_unfinished,
            }
        };
        if is_stalled(&upload) {
            // What is here doesn't change any more once the visitor knows it.
            let lease = begin_lease(&upload).await?;
            let (shared, upload) = (Arc::clone(&self.0), Arc::clone(&upload));
            off_thread(move || {
                open_part(&shared, &upload, &lease, &root, None)
                    .and_then(|()| complete_now(&shared, &upload, &lease))
                    .inspect_err(|_| upload.release(&lease))
            })
            .await?;
        }
        let state = upload.state();
        Ok(UploadStatus {
            offset: state.offset,
            length: state.length,
            expires: state.expires(),
            metadata: upload.record.metadata.clone(),
        })
    }

    /// Continues an upload at `offset`. With a checksum, either the whole request is taken or nothing
    /// of it.
    ///
    /// # Errors
    /// Why it is refused.
    pub async fn begin_write(
        &self,
        id: UploadId,
        offset: u64,
        checksum: Option<Checksum>,
    ) -> Result<PartWriter, ReceiveError> {
        let shared = &self.0;
        let root = self.root().await?;
        shared.rules()?;
        let upload = match self.find(id, &root).await? {
            Known::Complete(complete) => return Err(ReceiveError::Offset(complete.file.bytes)),
            Known::Upload(upload) => upload,
        };
        let lease = begin_lease(&upload).await?;
        // Gives the right back if the visitor leaves.
        let mut writer = PartWriter::of_open(
            shared,
            Arc::clone(&upload),
            Arc::clone(&lease),
            root.clone(),
        );
        let shared = Arc::clone(shared);
        off_thread(move || {
            open_part(&shared, &upload, &lease, &root, checksum)?;
            check_offset(&shared, &upload, offset)
        })
        .await?;
        writer.is_at(offset);
        Ok(writer)
    }

    /// Says how long an upload will be, if that was not known.
    ///
    /// # Errors
    /// Why it can't be so long.
    pub async fn set_length(&self, id: UploadId, length: u64) -> Result<(), ReceiveError> {
        let shared = Arc::clone(&self.0);
        let root = self.root().await?;
        let rules = shared.rules()?;
        let upload = match self.find(id, &root).await? {
            Known::Complete(complete) if complete.file.bytes == length => return Ok(()),
            Known::Complete(_) => return Err(ReceiveError::Length),
            Known::Upload(upload) => upload,
        };
        let visitor = upload.record.visitor;
        shared
            .table()
            .check_room(&rules, visitor, length, Some(id))?;
        off_thread(move || {
            {
                let mut state = upload.state();
                match state.length {
                    Some(known) if known != length => return Err(ReceiveError::Length),
                    Some(_) => return Ok(()),
                    None if state.offset > length => return Err(ReceiveError::Length),
                    None => {}
                }
                state.length = Some(length);
                state.is_recorded = false;
            }
            let parts = shared.parts(&root)?;
            shared.keep_record(&upload, &parts)
        })
        .await
    }

    /// Ends an upload that is not complete, and removes what is here of it.
    ///
    /// # Errors
    /// If there is none.
    pub async fn remove(&self, id: UploadId) -> Result<(), ReceiveError> {
        let root = self.root().await?;
        match self.find(id, &root).await? {
            Known::Complete(_) => Err(ReceiveError::Removed),
            Known::Upload(upload) => {
                let shared = Arc::clone(&self.0);
                off_thread(move || shared.remove(&upload, &root)).await
            }
        }
    }

    /// The visitor says that a delivery is complete. Waits until its files are in their places.
    ///
    /// # Errors
    /// If nothing of it is known, or a file can't be put in its place.
    pub async fn delivered(&self, delivery: DeliveryId) -> Result<DeliveryStatus, ReceiveError> {
        let root = self.root().await?;
        clock::retry(&self.0, &root).await;
        let deadline = Instant::now() + DELIVERY_WAIT;
        let waiting: Vec<_> = {
            let table = self.0.table();
            let uploads = table.uploads.values();
            uploads
                .filter(|upload| upload.record.delivery == Some(delivery))
                .filter(|upload| upload.stage() != Stage::Open)
                .cloned()
                .collect()
        };
        for upload in waiting {
            match timeout_at(deadline, upload.settled()).await {
                Ok(Stage::Stuck(_)) => return Err(ReceiveError::Away(None)),
                // The disk has not kept what was complete.
                Ok(Stage::Open | Stage::Removed) => return Err(ReceiveError::Lost),
                Ok(_) => {}
                Err(_) => return Err(ReceiveError::Busy),
            }
        }
        let (told, status) = {
            let mut table = self.0.table();
            let told = table
                .deliveries
                .say(delivery)
                .ok_or(ReceiveError::Unknown)?;
            (told, table.deliveries.status(delivery).unwrap_or_default())
        };
        if let Some(told) = told {
            self.0.tell_off_thread(told, Some(&root)).await;
        }
        Ok(status)
    }

    /// What has come of a delivery.
    pub async fn delivery(&self, delivery: DeliveryId) -> DeliveryStatus {
        // What came before a restart may not be known yet.
        let _ = self.root().await;
        let table = self.0.table();
        table.deliveries.status(delivery).unwrap_or_default()
    }

    /// How many more bytes this visitor may hand in; `None` if there is no limit.
    pub fn left(&self, visitor: Option<IpAddr>) -> Option<u64> {
        let rules = self.0.uploads.rules()?;
        let visitor = visitor.map(|address| Visitor::new(address).address());
        self.0.table().left(&rules, visitor)
    }

    /// How many more bytes this visitor may hand in, and the disk has room for; `None` if that isn't known.
    pub async fn room(&self, visitor: Option<IpAddr>) -> Option<u64> {
        let allowed = self.left(visitor);
        [allowed, self.room_on_disk().await]
            .into_iter()
            .flatten()
            .min()
    }

    async fn room_on_disk(&self) -> Option<u64> {
        let rules = self.0.uploads.rules()?;
        let root = self.root().await.ok()?.clone();
        let shared = Arc::clone(&self.0);
        let free = off_thread(move || Ok(shared.space.free(&root)))
            .await
            .ok()??;
        let taken = rules.min_free.saturating_add(self.0.table().promised());
        Some(free.saturating_sub(taken))
    }

    /// Makes a folder in a folder of the share.
    ///
    /// # Errors
    /// Why it is not made.
    pub async fn make_folder(
        &self,
        into: &FolderResource,
        name: &str,
        visitor: Option<IpAddr>,
    ) -> Result<FolderMade, ReceiveError> {
        let root = self.root().await?;
        make_folder(&self.0, root, &into.path, name, visitor).await
    }

    /// Ends the uploads of a share that has ended.
    pub async fn close(&self, open: OpenUploads) {
        close(&self.0, open).await;
    }

    /// Waits until every complete file is in its place, or can't be put there.
    #[cfg(test)]
    pub async fn placed(&self) {
        let _ = self.root().await;
        let uploads: Vec<_> = self.0.table().uploads.values().cloned().collect();
        for upload in uploads {
            upload.settled().await;
        }
    }

    /// Calls `step` after each change of the folder.
    #[cfg(test)]
    pub fn on_step(&self, step: impl Fn(&'static str) + Send + Sync + 'static) {
        *self.0.steps.lock().unwrap() = super::parts::Steps(Some(Arc::new(step)));
    }

    /// Lets the disk refuse so many files that are written to it from now on.
    #[cfg(test)]
    pub fn fail_syncs(&self, count: usize) {
        self.0.placer.fail_syncs(count);
    }

    /// The shared folder, once it is known what came in before.
    async fn root(&self) -> Result<Folder, ReceiveError> {
        let root = self.0.root().await?;
        let recovering = self.0.recovered.get_or_try_init(|| {
            let (shared, root) = (Arc::clone(&self.0), root.clone());
            off_thread(move || recover(&shared, &root))
        });
        recovering.await?;
        self.keep_time();
        Ok(root)
    }

    /// What is known under an ID, unless it has expired.
    async fn find(&self, id: UploadId, root: &Folder) -> Result<Known, ReceiveError> {
        let known = self.0.table().find(id)?;
        if let Known::Upload(upload) = &known {
            let has_expired = {
                let state = upload.state();
                state.writer.is_none()
                    && state.stage == Stage::Open
                    && state.expires() < SystemTime::now()
            };
            if has_expired {
                let (shared, upload) = (Arc::clone(&self.0), Arc::clone(upload));
                let root = root.clone();
                off_thread(move || shared.remove(&upload, &root)).await?;
                return Err(ReceiveError::Removed);
            }
        }
        Ok(known)
    }

    fn keep_time(&self) {
        clock::start(&self.0);
    }
}
