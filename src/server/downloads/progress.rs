//! What one answer has sent of something that can be downloaded.

use std::{net::IpAddr, ops::Range};

use super::{
    counter::{Downloads, Item, Visit},
    coverage::Coverage,
    partial::TransferId,
};
use crate::server::head_end::HeadEnd;

/// How an answer sends its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sends {
    /// After the head follow the bytes from this one on.
    From(u64),
    /// The connection knows which bytes it sends.
    Pieces,
    /// Everything, in another coding. It counts when the answer is complete.
    Encoded,
}

/// Follows one answer. What it has sent counts when this is dropped.
#[derive(Debug)]
pub struct DownloadProgress {
    downloads: Downloads,
    id: TransferId,
    address: Option<IpAddr>,
    item: Item,
    sent: Coverage,
    sends: Sends,
    head: HeadEnd,
}

impl Visit {
    /// Follows what an answer to this request sends of an item.
    pub fn follow(&self, item: Item, sends: Sends) -> DownloadProgress {
        let sends = if item.size == 0 {
            Sends::Encoded
        } else {
            sends
        };
        DownloadProgress {
            downloads: self.downloads.clone(),
            id: self.downloads.transfer_id(self.visitor, &item),
            address: self.address,
            sent: Coverage::new(item.size),
            item,
            sends,
            head: HeadEnd::default(),
        }
    }
}

impl DownloadProgress {
    /// These bytes of the response, its head included, were given to the system.
    pub fn wrote(&mut self, bytes: &[u8]) {
        let Sends::From(next) = self.sends else {
            return;
        };
        let end = next + self.head.skip(bytes).len() as u64;
        self.sent.add(next..end);
        self.sends = Sends::From(end);
    }

    /// These bytes of a file were given to the system.
    pub fn sent(&mut self, range: Range<u64>) {
        if self.sends == Sends::Pieces {
            self.sent.add(range);
        }
    }

    /// The answer is complete.
    pub fn finish(mut self) {
        if self.sends == Sends::Encoded {
            self.sent.add_all();
        }
    }
}

impl Drop for DownloadProgress {
    fn drop(&mut self) {
        let none = Coverage::new(self.item.size);
        let sent = std::mem::replace(&mut self.sent, none);
        self.downloads.add(self.id, self.address, &self.item, sent);
    }
}
