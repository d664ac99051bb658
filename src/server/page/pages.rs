//! The pages of a share's folders, each made for all who request it at the same time.

use std::{io, sync::Arc};

use super::{
    list::{ListPage, ListRequest},
    list_body::{ListBody, Readme},
    rendered::RenderedFiles,
    words::Words,
};
use crate::server::{
    listing::{Items, LIMITS, Listings, NamesId},
    path::shown_name,
    transport::Outbox,
    work::{Keep, SharedWork},
};

/// Makes the pages of one share.
#[derive(Debug)]
pub struct Pages {
    pages: SharedWork<PageId, ListPage>,
    rendered: Arc<RenderedFiles>,
}

/// What distinguishes one page from another.
#[derive(Debug, PartialEq)]
struct PageId {
    names: NamesId,
    request: Arc<ListRequest>,
}

impl Pages {
    /// Pages are made when it is the turn of these listings, and show files that are rendered here.
    pub fn new(listings: &Listings, rendered: Arc<RenderedFiles>) -> Self {
        let pages = SharedWork::new(listings.turns(), LIMITS);
        Self { pages, rendered }
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
    ) -> io::Result<ListBody> {
        let words = request.words;
        let request = Arc::new(request);
        let id = PageId {
            names: NamesId::of(&items),
            request: Arc::clone(&request),
        };
        let all = items.clone();
        let page = self.pages.get(id, visitor.left(), move |budget| {
            Ok((ListPage::new(&all, request, budget)?, Keep::No))
        });
        let page = page.await?;
        let readme = match &page.summary.readme {
            Some(name) => self.readme(&items, name, words, visitor).await.ok(),
            None => None,
        };
        Ok(ListBody::new(page, readme))
    }

    async fn readme(
        &self,
        items: &Items,
        name: &[u8],
        words: &'static Words,
        visitor: &Outbox,
    ) -> io::Result<Readme> {
        let file = items.source().file(name).await?;
        Ok(Readme {
            name: shown_name(name),
            rendered: self.rendered.get(&file, words, visitor).await?,
        })
    }
}
