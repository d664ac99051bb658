//! Files that visitors hand in, from their first byte to their place in the folder.
//!
//! ```text
//! inbox      the uploads of one share
//! writer     writes the body of one request
//! upload     what is known about uploads and deliveries
//! checksum   whether bytes arrived as they were sent
//! id         names of uploads and deliveries
//! error      why something is not taken
//! ```

mod checksum;
mod error;
mod id;
mod inbox;
mod upload;
mod writer;

pub use checksum::Checksum;
pub use error::ReceiveError;
pub use id::{DeliveryId, UploadId};
pub use inbox::Inbox;
pub use upload::{DeliveryStatus, NewUpload, ReceivedFile, UploadStatus, Written};
pub use writer::{Begun, PartWriter};
