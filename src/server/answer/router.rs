//! Finds the handler of a request.

use std::{io, net::IpAddr, sync::Arc};

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::LOCATION},
};

use super::{
    about, archive, contents, file,
    kept::Keeping,
    listing, part, rendered, search,
    selection::{self, Selecting},
    site, sum, text, thumbnail,
};
use crate::server::{
    about::{About, may_be_known},
    archive::{Archives, Wanted},
    contents::{ArchiveKind, Contents},
    http::Request,
    listing::{Listings, Searches},
    page::{Pages, RenderedFiles},
    share::{FileResource, FolderResource, INDEX, OpenShare, Resource},
    sums::Sums,
    thumbnail::{Purpose, Thumbnails},
    transport::Visitor,
};

/// The handlers of one share, with what they keep between requests.
///
/// Most requests are for a file. What they don't need is boxed, so that a request needs little room and
/// is quickly passed on.
#[derive(Clone)]
pub struct Router {
    thumbnails: Arc<Thumbnails>,
    archives: Arc<Archives>,
    selecting: Arc<Selecting>,
    listings: Arc<Listings>,
    searches: Arc<Searches>,
    pages: Arc<Pages>,
    rendered: Arc<RenderedFiles>,
    sums: Arc<Sums>,
    contents: Arc<Contents>,
    about: Arc<About>,
    /// The only file of the share is a text, which is shown on a page of its own.
    pub(super) is_text: bool,
}

impl Router {
    /// With nothing kept yet.
    pub fn new(thumbnails: Thumbnails) -> Self {
        let listings = Listings::default();
        let rendered = Arc::new(RenderedFiles::new(&listings));
        Self {
            pages: Arc::new(Pages::new(&listings, Arc::clone(&rendered))),
            rendered,
            is_text: false,
            thumbnails: Arc::new(thumbnails),
            archives: Arc::default(),
            selecting: Arc::default(),
            searches: Arc::default(),
            sums: Arc::default(),
            contents: Arc::default(),
            about: Arc::default(),
            listings: Arc::new(listings),
        }
    }

    /// What the folders of the share are read with.
    pub fn listings(&self) -> &Listings {
        &self.listings
    }

    /// Takes a list of what is to be in an archive.
    ///
    /// # Errors
    /// Why the folder can't be read.
    pub async fn select(
        &self,
        share: &OpenShare,
        request: &Request<'_>,
        address: Option<IpAddr>,
    ) -> io::Result<HttpResponse> {
        let (archives, selecting) = (&self.archives, &self.selecting);
        selection::take(archives, selecting, share, request, address).await
    }

    /// Answers with what is at a path. The page of a folder says whether visitors `may_add` to it.
    ///
    /// # Errors
    /// Why it can't be read.
    pub async fn route(
        &self,
        share: &OpenShare,
        request: &Request<'_>,
        may_add: bool,
        keeping: Option<&Keeping>,
    ) -> io::Result<HttpResponse> {
        let resource = match share.find(request.path).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Box::pin(site::answer_missing(share, request)).await;
            }
            resource => resource?,
        };
        match resource {
            // A file with a slash after its name does not exist.
            Resource::File(_) if request.path.is_folder => {
                Box::pin(site::answer_missing(share, request)).await
            }
            Resource::File(file) => self.route_file(share, request, &file, keeping).await,
            Resource::Folder(_) if !request.path.is_folder => {
                Box::pin(self.route_without_slash(share, request)).await
            }
            Resource::Folder(folder) => {
                Box::pin(self.route_folder(share, request, Some(folder), may_add, keeping)).await
            }
            Resource::Chosen => {
                Box::pin(self.route_folder(share, request, None, false, None)).await
            }
        }
    }

    /// Answers for a folder without a slash after its name.
    async fn route_without_slash(
        &self,
        share: &OpenShare,
        request: &Request<'_>,
    ) -> io::Result<HttpResponse> {
        match site::page_of_folder(share, request).await {
            Some(page) => {
                let name = [request.path.last().unwrap_or_default(), b".html"].concat();
                file::respond(share, request, &page, &name, StatusCode::OK).await
            }
            None => Ok(to_folder(request)),
        }
    }

    /// Answers for a folder, or for the chosen items.
    async fn route_folder(
        &self,
        share: &OpenShare,
        request: &Request<'_>,
        folder: Option<FolderResource>,
        takes_files: bool,
        keeping: Option<&Keeping>,
    ) -> io::Result<HttpResponse> {
        let form = if request.wants("archive=zip") {
            Some(archive::Form::Zip)
        } else if request.wants("archive=tar") {
            Some(archive::Form::Tar)
        } else if request.wants("archive=tar.zst") {
            Some(archive::Form::TarZst)
        } else {
            None
        };
        if form.is_some() || request.wants("total") {
            let selection = match self.selecting.known().of_query(request.query) {
                Ok(selection) => selection,
                Err(reason) => return Ok(selection::refused(reason)),
            };
            let wanted = Wanted { folder, selection };
            return match form {
                Some(form) => archive::respond(&self.archives, request, share, wanted, form).await,
                None => archive::total(&self.archives, request, share, wanted).await,
            };
        }
        if self.is_text && !(request.wants("json") || request.wants("rows")) {
            return text::respond(share, request).await;
        }
        let sought = search::text(request);
        if let Some(text) = &sought
            && request.wants("rows")
        {
            let visitor = request.visitor.and_then(|visitor| visitor.caller.address);
            let (searches, visitor) = (&self.searches, visitor.map(Visitor::new));
            return Ok(search::rows(
                searches, request, share, folder, text, visitor,
            ));
        }
        if folder.is_some()
            && !(request.wants("json") || request.wants("rows"))
            && let Some(index) = share.index(request.path).await
        {
            return file::show(share, request, &index, INDEX, keeping).await;
        }
        if request.wants("cover") {
            return Ok(thumbnail::cover());
        }
        if let Some(part) = request.value("part").and_then(part::respond) {
            return Ok(part);
        }
        if let Some(text) = &sought
            && !request.wants("json")
        {
            return search::page(&self.listings, request, share, folder, text).await;
        }
        let (listings, pages) = (&self.listings, &self.pages);
        listing::respond(listings, pages, request, share, folder, takes_files).await
    }

    /// Answers with a file, its thumbnail, or its rendered form.
    async fn route_file(
        &self,
        share: &OpenShare,
        request: &Request<'_>,
        file: &FileResource,
        keeping: Option<&Keeping>,
    ) -> io::Result<HttpResponse> {
        let name = request.path.last().unwrap_or_default();
        if !request.query.is_empty() {
            let purpose = if request.wants("thumbnail") {
                Some(Purpose::Tile)
            } else if request.wants("thumbnail=sharp") {
                Some(Purpose::Sharp)
            } else if request.wants("thumbnail=small") {
                Some(Purpose::SmallTile)
            } else if request.wants("thumbnail=small-sharp") {
                Some(Purpose::SmallSharp)
            } else if request.wants("preview") {
                Some(Purpose::View)
            } else if request.wants("card") {
                Some(Purpose::Card)
            } else if request.wants("cover") {
                Some(Purpose::Cover)
            } else {
                None
            };
            // A page of a website may have a query like these.
            let is_meant = |purpose| {
                !matches!(purpose, Purpose::Card | Purpose::Cover)
                    || thumbnail::may_have(name, purpose)
            };
            if let Some(purpose) = purpose.filter(|&purpose| is_meant(purpose)) {
                let thumbnails = &self.thumbnails;
                return Box::pin(thumbnail::respond(
                    thumbnails, share, request, file, purpose,
                ))
                .await;
            }
            if request.wants("rendered") && rendered::can_be_rendered(name) {
                return Box::pin(rendered::respond(&self.rendered, request, file)).await;
            }
            if request.wants("contents")
                && let Some(kind) = ArchiveKind::of(name)
            {
                return Box::pin(contents::list(&self.contents, request, file, kind)).await;
            }
            if let Some(member) = contents::member(request)
                && ArchiveKind::of(name) == Some(ArchiveKind::Zip)
            {
                return Box::pin(contents::take(&self.contents, request, file, member)).await;
            }
            if request.wants("about") && may_be_known(name) {
                return Box::pin(about::respond(&self.about, request, file)).await;
            }
            if request.wants("sha256") {
                return Box::pin(sum::respond(&self.sums, request, file)).await;
            }
        }
        file::show(share, request, file, name, keeping).await
    }
}

/// Redirects to the same folder with a slash at the end, which relative links need.
fn to_folder(request: &Request<'_>) -> HttpResponse {
    redirect(&format!("{}/", request.path.to_url()), request.query)
}

/// Redirects to another path of the same share, which was built from names and not from a URL as
/// sent, so `//elsewhere.example` is impossible.
pub fn redirect(url: &str, query: &str) -> HttpResponse {
    let mut location = url.to_owned();
    if !query.is_empty() {
        location.push('?');
        location.push_str(query);
    }
    HttpResponse::Found()
        .insert_header((LOCATION, location))
        .finish()
}
