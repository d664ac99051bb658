//! Which part of a share is a website.
//!
//! A folder with an `index.html` is served as a site. Only if that folder is the share itself did
//! somebody share a website: visitors of its link never see a list first. Everything in such a
//! share belongs to the website and is served without restrictions. A site in a subfolder may have
//! come with a download, so it is shown but not trusted.

use std::{
    io,
    time::{Duration, Instant},
};

use super::{
    membership::Membership,
    resource::{FileResource, Resource},
    source::{OpenShare, SharedContent},
};
use crate::server::path::RequestPath;

/// The page that makes a folder a site.
pub const INDEX: &[u8] = b"index.html";

/// A folder deeper than this is not treated as a site of its own.
const MAX_SITE_DEPTH: usize = 32;

/// How long the site around a path is searched for.
const SEARCH_TIME: Duration = Duration::from_millis(250);

impl OpenShare {
    /// Whether the share is a website: a folder with an index page.
    pub async fn is_website(&self) -> bool {
        matches!(self.content, SharedContent::Folder(_))
            && self.index(&RequestPath::default()).await.is_some()
    }

    /// What the file at `path` is a part of. A folder stands for its index page.
    ///
    /// A change of the shared folder may take half a second to show.
    pub async fn membership(&self, path: &RequestPath) -> Membership {
        let now = Instant::now();
        let folder = path.folder_bytes();
        if let Some(membership) = self.recent.get(folder, now) {
            return membership;
        }
        let membership = self.find_membership(path).await;
        self.recent.insert(folder, membership, now);
        membership
    }

    async fn find_membership(&self, path: &RequestPath) -> Membership {
        if self.is_website().await {
            return Membership::Website;
        }
        let is_at_top = path.names().count() < 2 && !path.is_folder;
        if !is_at_top && self.nearest_site(path).await.is_some() {
            return Membership::NestedSite;
        }
        Membership::Listing
    }

    /// The index page of a folder, if it has one.
    pub async fn index(&self, folder: &RequestPath) -> Option<FileResource> {
        self.file_at(&folder.join(INDEX)).await
    }

    /// The file at `path`, if there is one.
    pub async fn file_at(&self, path: &RequestPath) -> Option<FileResource> {
        match self.find(path).await {
            Ok(Resource::File(file)) => Some(file),
            _ => None,
        }
    }

    /// The innermost folder around a path that is a site.
    ///
    /// The search starts at the root, ends at the first name that is not a folder, and looks up each
    /// folder from the one around it. A path of many names and links must not cost many lookups of
    /// many names.
    pub async fn nearest_site(&self, path: &RequestPath) -> Option<Resource> {
        let end = Instant::now() + SEARCH_TIME;
        let mut folder = self.find(&RequestPath::default()).await.ok()?;
        let mut nearest = None;
        let mut names = path.names().take(MAX_SITE_DEPTH);
        while !matches!(folder, Resource::File(_)) && Instant::now() < end {
            let is_site = self.file_in(&folder, INDEX).await.is_some();
            let below = match names.next() {
                Some(name) => self.find_in(&folder, name).await.ok(),
                None => None,
            };
            let above = match below {
                Some(below) => std::mem::replace(&mut folder, below),
                None => return if is_site { Some(folder) } else { nearest },
            };
            if is_site {
                nearest = Some(above);
            }
        }
        nearest
    }

    /// The file with this name in a folder, if there is one.
    pub async fn file_in(&self, folder: &Resource, name: &[u8]) -> Option<FileResource> {
        match self.find_in(folder, name).await {
            Ok(Resource::File(file)) => Some(file),
            _ => None,
        }
    }

    /// What a name in a folder, or among the chosen items, leads to.
    async fn find_in(&self, folder: &Resource, name: &[u8]) -> io::Result<Resource> {
        match folder {
            Resource::Folder(folder) => folder.find(name).await,
            Resource::Chosen => self.find(&RequestPath::default().join(name)).await,
            Resource::File(_) => Err(io::ErrorKind::NotADirectory.into()),
        }
    }
}
