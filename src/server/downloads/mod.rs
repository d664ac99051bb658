//! Complete downloads of a share.
//!
//! A download is complete once one visitor has been sent every byte of a file, or of a zip archive.
//! That may take any number of requests, ranges and connections, at the same time or within a day
//! of each other. Bytes count when they were given to the system to send, and twice sent is not
//! twice received.
//!
//! ```text
//! progress   what one answer has sent
//! counter    how many downloads are complete, and the last one
//! partial    downloads that are not complete yet
//! coverage   which bytes were sent
//! ```

mod counter;
mod coverage;
mod partial;
mod progress;
#[cfg(test)]
mod tests;

pub use counter::{Download, DownloadKind, DownloadReport, Downloads, Interrupted, Item, Visit};
pub use progress::{DownloadProgress, Sends};
