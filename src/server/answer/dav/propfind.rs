//! PROPFIND: the properties of a file or folder, and of what is in the folder.

use std::{io, time::Duration};

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_LOCATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
        },
    },
};
use bytes::BytesMut;
use tokio::time::timeout;

use crate::server::{
    answer::isolation,
    blocking::blocking,
    dav::{Asked, MAX_BODY_BYTES, Multistatus, Property, Room},
    http::{Request, compress, error::error},
    listing::{ListingSource, Listings, Looked},
    path::RequestPath,
    share::{FileResource, FolderResource, Membership, OpenShare, Resource, SharedContent},
    transport::Outbox,
};

const DEPTH: HeaderName = HeaderName::from_static("depth");

const XML: HeaderValue = HeaderValue::from_static("application/xml; charset=utf-8");

/// What is listed changes at any time, and no proxy keeps it.
const UNCACHED: HeaderValue = HeaderValue::from_static("no-store");

/// A body has to arrive within this time.
const BODY_TIME: Duration = Duration::from_secs(10);

/// A disk that takes longer to say how much room it has is not waited for.
const ROOM_TIME: Duration = Duration::from_secs(2);

/// Says that everything below a folder is too much (RFC 4918, section 9.1).
const FINITE_DEPTH: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
    <D:error xmlns:D=\"DAV:\"><D:propfind-finite-depth/></D:error>\n";

/// How much is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// What is at the path.
    Zero,
    /// Also what is directly in it.
    One,
    Infinity,
}

impl Depth {
    /// What a request asks for; `None` if it is malformed. Without the header, it asks for everything.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(DEPTH);
        let depth = match values.next().map(|value| value.as_bytes().trim_ascii()) {
            None => Self::Infinity,
            Some(b"0") => Self::Zero,
            Some(b"1") => Self::One,
            Some(depth) if depth.eq_ignore_ascii_case(b"infinity") => Self::Infinity,
            Some(_) => return None,
        };
        values.next().is_none().then_some(depth)
    }
}

/// Answers with the properties of what is at a path. `room` finds out how much the
/// visitor may add.
///
/// # Errors
/// Why it can't be read.
pub async fn propfind(
    listings: &Listings,
    share: &OpenShare,
    request: &Request<'_>,
    room: impl AsyncFnOnce() -> Room,
) -> io::Result<HttpResponse> {
    let Some(depth) = Depth::of(request.headers) else {
        return Ok(error(StatusCode::BAD_REQUEST));
    };
    let asked = match read(&request.delivery.outbox).await {
        Ok(asked) => asked,
        Err(status) => return Ok(error(status)),
    };
    let found = share.find(request.path).await?;
    match found {
        Resource::File(_) if request.path.is_folder => Err(io::ErrorKind::NotFound.into()),
        Resource::File(file) => {
            let looked = look_at_file(&file).await?;
            let name = request.path.last().unwrap_or_default().to_vec();
            let status = Multistatus::new(&asked, request.path.to_url(), name, looked)
                .trusted(is_trusted(share, request, request.path).await);
            Ok(respond(status, request, None))
        }
        _ if depth == Depth::Infinity => Ok(HttpResponse::Forbidden()
            .insert_header((CONTENT_TYPE, XML))
            .body(FINITE_DEPTH)),
        Resource::Folder(folder) => {
            let (folder, looked) = look_at_folder(folder).await?;
            let source = (depth == Depth::One).then_some(ListingSource::Folder(folder));
            let room = if asked.wants(Property::QuotaAvailable) {
                timeout(ROOM_TIME, room()).await.unwrap_or_default()
            } else {
                None
            };
            of_folder(listings, share, request, &asked, (looked, source, room)).await
        }
        Resource::Chosen => {
            let looked = Looked {
                is_folder: true,
                size: 0,
                modified_s: None,
                version: None,
                created: None,
            };
            let source = match &share.content {
                SharedContent::Chosen(chosen) if depth == Depth::One => {
                    Some(ListingSource::Chosen(chosen.clone()))
                }
                _ => None,
            };
            of_folder(listings, share, request, &asked, (looked, source, Some(0))).await
        }
    }
}

/// Answers for a folder, and for what is in it if there is a source.
async fn of_folder(
    listings: &Listings,
    share: &OpenShare,
    request: &Request<'_>,
    asked: &Asked,
    (looked, source, room): (Looked, Option<ListingSource>, Room),
) -> io::Result<HttpResponse> {
    let name = match request.path.last() {
        Some(name) => name.to_vec(),
        None if share.title.is_empty() => b"Shared files".to_vec(),
        None => share.title.as_bytes().to_vec(),
    };
    let mut url = request.path.to_url();
    if !url.ends_with('/') {
        url.push('/');
    }
    // The address of a folder ends with a slash. Windows doesn't follow a redirect to it.
    let location = (!request.path.is_folder).then(|| url.clone());
    let mut status = Multistatus::new(asked, url, name, looked).with_room(room);
    if let Some(source) = source {
        let items = listings.read(source, &request.delivery.outbox).await?;
        // What is true for one file in the folder is true for all.
        let file = request.path.join(b"file");
        status = status
            .with_items(items)
            .trusted(is_trusted(share, request, &file).await);
    }
    Ok(respond(status, request, location))
}

fn respond(status: Multistatus, request: &Request<'_>, location: Option<String>) -> HttpResponse {
    let mut response = HttpResponse::build(StatusCode::MULTI_STATUS);
    response.insert_header((CONTENT_TYPE, XML));
    response.insert_header((CACHE_CONTROL, UNCACHED));
    if let Some(location) = location {
        response.insert_header((CONTENT_LOCATION, location));
    }
    compress::respond(status, None, response, request)
}

/// Whether GET of this file wouldn't sandbox it.
async fn is_trusted(share: &OpenShare, request: &Request<'_>, file: &RequestPath) -> bool {
    let membership = share.membership(file).await;
    isolation::trusted(membership, request.is_open_to_files) == Membership::Website
}

async fn look_at_file(file: &FileResource) -> io::Result<Looked> {
    let (opened, stamp) = file.open().await?;
    let created = blocking(move || opened.metadata()?.created()).await;
    Ok(Looked::new(false, &stamp, created.ok()))
}

async fn look_at_folder(folder: FolderResource) -> io::Result<(FolderResource, Looked)> {
    blocking(move || {
        let looked = Looked::of_folder(&folder.dir.dir_metadata()?);
        Ok((folder, looked))
    })
    .await
}

/// Reads the body of a request. It is short, so it has to come soon.
async fn read(outbox: &Outbox) -> Result<Asked, StatusCode> {
    let body = async {
        let mut body = BytesMut::new();
        loop {
            let chunk = outbox.next_chunk().await;
            let chunk = chunk.map_err(|_| StatusCode::BAD_REQUEST)?;
            if chunk.is_empty() {
                return Ok(body.freeze());
            }
            if body.len() + chunk.len() > MAX_BODY_BYTES {
                return Err(StatusCode::PAYLOAD_TOO_LARGE);
            }
            body.extend_from_slice(&chunk);
        }
    };
    match timeout(BODY_TIME, body).await {
        Ok(body) => Asked::parse(&body?).map_err(|_| StatusCode::BAD_REQUEST),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_depth_is_zero_one_or_everything() {
        let of = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(DEPTH, HeaderValue::from_static(value));
            }
            Depth::of(&headers)
        };
        assert_eq!(of(&[]), Some(Depth::Infinity));
        assert_eq!(of(&["0"]), Some(Depth::Zero));
        assert_eq!(of(&["1"]), Some(Depth::One));
        assert_eq!(of(&["Infinity"]), Some(Depth::Infinity));
        for bad in [&["2"][..], &["-1"], &[""], &["0", "1"], &["0,1"]] {
            assert_eq!(of(bad), None, "{bad:?}");
        }
    }
}
