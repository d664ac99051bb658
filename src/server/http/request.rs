//! A request that handlers answer.

use std::sync::Arc;

use actix_web::http::header::{HeaderMap, HeaderValue, RANGE};

use crate::server::{
    copies::Copies,
    downloads::{Item, Sends, Visit},
    live::{Direction, LiveVisitor, Subject},
    offer::Offers,
    path::RequestPath,
    transport::Delivery,
};

/// The owner has ended a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedByOwner;

/// A request that may be answered.
#[derive(Debug)]
pub struct Request<'a> {
    pub path: &'a RequestPath,
    pub query: &'a str,
    pub headers: &'a HeaderMap,
    pub delivery: Delivery,
    /// Whose download it may be a part of, if anybody wants to know.
    pub visit: Option<Visit>,
    /// Who sends it, if that is to be shown.
    pub visitor: Option<LiveVisitor<'a>>,
    /// Whether some of the files may come from visitors.
    pub is_open_to_files: bool,
    /// Whether visitors are told where photos were taken.
    pub shows_places: bool,
    /// Where compressed copies are kept.
    pub copies: &'a Arc<Copies>,
    /// What visitors read about the share.
    pub offers: &'a Offers,
}

impl Request<'_> {
    /// Follows what the response sends of an item, if this may be a part of its download.
    pub fn follow(&self, sends: Sends, item: impl FnOnce() -> Item) {
        if let Some(visit) = &self.visit {
            self.delivery.outbox.follow(visit.follow(item(), sends));
        }
    }

    /// Shows the owner that the response sends so many bytes of something of this size, from `start` on. An
    /// unknown length is that of something compressed.
    ///
    /// # Errors
    /// The owner has ended it, and the visitor goes on.
    pub fn sends(
        &self,
        (start, length, size): (u64, Option<u64>, Option<u64>),
        name: impl FnOnce() -> String,
    ) -> Result<(), EndedByOwner> {
        let Some(visitor) = self.visitor.filter(|_| !self.delivery.is_head) else {
            return Ok(());
        };
        let transfer = visitor.begin(length, || Subject {
            direction: Direction::Down,
            file: name(),
            item: visitor.item(self.path.as_bytes()),
            start,
            size,
        });
        match transfer {
            Some(transfer) if transfer.has_ended() => Err(EndedByOwner),
            Some(transfer) => {
                self.delivery.outbox.show(transfer);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// The same request, as no part of a download.
    pub fn without_visit(&self) -> Self {
        Self {
            delivery: self.delivery.clone(),
            visit: None,
            ..*self
        }
    }

    /// Whether the query contains this `key` or `key=value`.
    pub fn wants(&self, pair: &str) -> bool {
        self.query.split('&').any(|other| other == pair)
    }

    /// What the query has for `key`, as it was sent.
    pub fn value(&self, key: &str) -> Option<&str> {
        let mut pairs = self
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(other, _)| *other == key)
            .map(|(_, value)| value)
    }

    /// The number for `key` in the query.
    pub fn number(&self, key: &str) -> Option<usize> {
        self.value(key)?.parse().ok()
    }

    /// The Range header. It applies to GET only (RFC 9110, section 14.2).
    pub fn range(&self) -> Option<&HeaderValue> {
        let range = self.headers.get(RANGE);
        range.filter(|_| !self.delivery.is_head)
    }
}
