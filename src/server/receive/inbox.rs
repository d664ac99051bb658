//! What comes in to one share.

use std::sync::Arc;

use super::{
    checksum::Checksum,
    error::ReceiveError,
    id::{DeliveryId, UploadId},
    upload::{DeliveryStatus, NewUpload, UploadStatus},
    writer::{Begun, PartWriter},
};
use crate::server::{
    share::{FolderResource, Presence},
    uploads::Uploads,
};

/// The uploads of one share. Clones belong to the same share.
#[derive(Clone, Debug)]
pub struct Inbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    presence: Presence,
    uploads: Uploads,
}

impl Inbox {
    /// What comes in to the folder that is present.
    pub fn new(presence: Presence, uploads: Uploads) -> Self {
        Self(Arc::new(Inner { presence, uploads }))
    }

    /// Begins an upload that goes on with other requests. If the visitor began it before, it is the
    /// same one.
    ///
    /// # Errors
    /// Why it is refused.
    pub async fn create(
        &self,
        _into: &FolderResource,
        _new: NewUpload,
    ) -> Result<UploadId, ReceiveError> {
        self.refuse().await
    }

    /// Begins an upload and writes to it. It is removed unless that is finished.
    ///
    /// # Errors
    /// Why it is refused.
    pub async fn begin(
        &self,
        _into: &FolderResource,
        _new: NewUpload,
    ) -> Result<Begun, ReceiveError> {
        self.refuse().await
    }

    /// What is known about an upload.
    ///
    /// # Errors
    /// If there is none.
    pub async fn status(&self, _id: UploadId) -> Result<UploadStatus, ReceiveError> {
        self.refuse().await
    }

    /// Continues an upload at `offset`. With a checksum, either the whole request is taken or nothing
    /// of it.
    ///
    /// # Errors
    /// Why it is refused.
    pub async fn begin_write(
        &self,
        _id: UploadId,
        _offset: u64,
        _checksum: Option<Checksum>,
    ) -> Result<PartWriter, ReceiveError> {
        self.refuse().await
    }

    /// Says how long an upload will be, if that was not known.
    ///
    /// # Errors
    /// Why it can't be so long.
    pub async fn set_length(&self, _id: UploadId, _length: u64) -> Result<(), ReceiveError> {
        self.refuse().await
    }

    /// Ends an upload that is not complete, and removes what is here of it.
    ///
    /// # Errors
    /// If there is none.
    pub async fn remove(&self, _id: UploadId) -> Result<(), ReceiveError> {
        self.refuse().await
    }

    /// The visitor says that a delivery is complete. Waits until its files are in their places.
    ///
    /// # Errors
    /// If nothing of it is known, or a file can't be put in its place.
    pub async fn delivered(&self, _delivery: DeliveryId) -> Result<DeliveryStatus, ReceiveError> {
        self.refuse().await
    }

    /// What has come of a delivery.
    pub async fn delivery(&self, _delivery: DeliveryId) -> DeliveryStatus {
        DeliveryStatus::default()
    }

    /// How many more bytes this visitor may hand in; `None` if there is no limit.
    pub fn left(&self, _visitor: Option<std::net::IpAddr>) -> Option<u64> {
        self.0.uploads.rules()?.max_bytes
    }

    async fn refuse<T>(&self) -> Result<T, ReceiveError> {
        match self.0.presence.share().await {
            Some(_) => Err(ReceiveError::Off),
            None => Err(ReceiveError::Away(None)),
        }
    }
}
