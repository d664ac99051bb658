//! Writes the body of one request to an upload.

use bytes::Bytes;

use super::{
    error::ReceiveError,
    id::UploadId,
    upload::{UploadStatus, Written},
};

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
/// upload that began with this writer is removed, as nobody knows its name yet.
#[derive(Debug)]
pub struct PartWriter {
    id: UploadId,
    offset: u64,
}

impl PartWriter {
    /// The upload's name.
    pub fn id(&self) -> UploadId {
        self.id
    }

    /// How much of the upload is here, with what was written.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Waits until another request takes over, because this one is stalled.
    pub async fn taken_over(&self) {}

    /// Adds bytes. Returns before they are on the disk, unless that is slower than the visitor.
    ///
    /// # Errors
    /// Why no more is taken. What was written before stays.
    pub async fn write(&mut self, _bytes: Bytes) -> Result<(), ReceiveError> {
        Err(ReceiveError::Off)
    }

    /// Ends the request. What was written can be relied on from now on.
    ///
    /// # Errors
    /// Why it could not be stored, or is not what was sent.
    pub async fn finish(self) -> Result<Written, ReceiveError> {
        Err(ReceiveError::Off)
    }

    /// As [`PartWriter::finish`], for a file that ends here.
    ///
    /// # Errors
    /// As there.
    pub async fn finish_file(self) -> Result<Written, ReceiveError> {
        Err(ReceiveError::Off)
    }

    /// Forgets what was written with this writer.
    pub async fn discard(self) {}
}
