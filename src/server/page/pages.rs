//! The pages of a share's folders, each rendered once for all who request it at the same time.

use std::{io, sync::Arc};

use bytes::Bytes;

use super::list::{ListRequest, list};
use crate::server::{
    listing::{Items, LIMITS, Listings, NamesId},
    transport::Outbox,
    work::{Keep, SharedWork},
};

/// Renders the pages of one share.
#[derive(Debug)]
pub struct Pages(SharedWork<PageId, Bytes>);

/// What distinguishes one page from another.
#[derive(Debug, PartialEq)]
struct PageId {
    names: NamesId,
    request: Arc<ListRequest>,
}

impl Pages {
    /// Pages are made in turns with these listings.
    pub fn new(listings: &Listings) -> Self {
        Self(SharedWork::new(listings.turns(), LIMITS))
    }

    /// The page of a folder with these entries, for the visitor of a connection.
    ///
    /// # Errors
    /// The errors of [`SharedWork::get`].
    pub async fn list(
        &self,
        items: Items,
        request: ListRequest,
        visitor: &Outbox,
    ) -> io::Result<Bytes> {
        let request = Arc::new(request);
        let id = PageId {
            names: NamesId::of(&items),
            request: Arc::clone(&request),
        };
        let page = self.0.get(id, visitor.left(), move |budget| {
            Ok((list(items, &request, budget)?.into(), Keep::No))
        });
        Ok(Bytes::clone(&*page.await?))
    }
}
