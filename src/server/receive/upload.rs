//! What is known about uploads and deliveries.

use std::{net::IpAddr, time::SystemTime};

use super::id::DeliveryId;

/// What a visitor says about a file before its first byte.
#[derive(Clone, Debug, Default)]
pub struct NewUpload {
    /// The names from the folder down to the file, as they came: any bytes.
    pub path: Vec<Vec<u8>>,
    /// It is refused while something with its name is on its way. Otherwise one of them gets a number.
    pub is_exact: bool,
    /// In bytes, if known.
    pub length: Option<u64>,
    /// Who sends it, as they say.
    pub sender: Option<String>,
    /// What it is handed in with. Without one, it is a delivery of its own.
    pub delivery: Option<DeliveryId>,
    /// What the visitor calls it within the delivery. A second upload of the same name is the first.
    pub key: Option<String>,
    /// Whose address it comes from.
    pub visitor: Option<IpAddr>,
    /// The address of the link that it comes through, if known.
    pub origin: Option<String>,
    /// What the visitor's program wants to be told again, in ASCII.
    pub metadata: Option<String>,
}

/// An upload, open or complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadStatus {
    /// How much is here, in bytes.
    pub offset: u64,
    /// How long it will be, if known.
    pub length: Option<u64>,
    /// When it is removed if nothing more comes.
    pub expires: SystemTime,
    /// What the visitor's program wants to be told again, while the upload is open.
    pub metadata: Option<String>,
}

/// What a request has added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// How much is here, in bytes.
    pub offset: u64,
    /// How long it will be, if known.
    pub length: Option<u64>,
    /// When it is removed if nothing more comes.
    pub expires: SystemTime,
    /// The file, once it is complete.
    pub file: Option<ReceivedFile>,
}

/// A complete file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedFile {
    /// Its path below the shared folder as it is on disk, with `/` between names. Fit to be shown.
    pub name: String,
    /// In bytes.
    pub bytes: u64,
}

/// What has come of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryStatus {
    /// The complete files, in the order in which they came.
    pub files: Vec<ReceivedFile>,
    /// Whether the visitor has said that nothing more comes.
    pub is_complete: bool,
}
