//! Takes a list of what is to be in an archive, and answers with a short URL for it.

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, LOCATION},
    },
};
use bytes::BytesMut;
use tokio::time::timeout;

use super::{access::closed, archive::title, receive::UNCACHED};
use crate::server::{
    access::Forms,
    archive::{Archives, MAX_LIST_BYTES, NoSelection, Selection, Selections, Wanted},
    http::{Request, error::error},
    share::{FolderResource, OpenShare, Resource},
    transport::{Framing, Outbox},
};

/// A list has to arrive within this time.
const LIST_TIME: Duration = Duration::from_secs(30);

/// How long the answer waits for the total. The page can ask for it again.
const TOTAL_TIME: Duration = Duration::from_secs(2);

/// What visitors of a share have selected.
#[derive(Debug)]
pub struct Selecting {
    known: Selections,
    /// Lists that have not arrived yet.
    forms: Forms,
}

impl Default for Selecting {
    fn default() -> Self {
        Self {
            known: Selections::default(),
            forms: Forms::within(LIST_TIME),
        }
    }
}

impl Selecting {
    /// The selections that were handed in.
    pub fn known(&self) -> &Selections {
        &self.known
    }
}

/// Takes a list for the folder at the path of a request.
///
/// # Errors
/// If the folder can't be read.
pub async fn take(
    archives: &Archives,
    selecting: &Selecting,
    share: &OpenShare,
    request: &Request<'_>,
    address: Option<IpAddr>,
) -> io::Result<HttpResponse> {
    let folder = match share.find(request.path).await? {
        Resource::Folder(folder) => Some(folder),
        Resource::Chosen => None,
        Resource::File(_) => return Err(io::ErrorKind::NotFound.into()),
    };
    if !request.path.is_folder {
        // A browser would send the list again with the redirection, which takes longer than to say so.
        return Ok(closed(error(StatusCode::NOT_FOUND)));
    }
    let outbox = &request.delivery.outbox;
    if let Framing::Length(length) = outbox.framing()
        && length > MAX_LIST_BYTES as u64
    {
        return Ok(closed(error(StatusCode::PAYLOAD_TOO_LARGE)));
    }
    let list = match selecting.forms.wait_for(address, whole(outbox)).await {
        Some(Ok(list)) => list,
        Some(Err(status)) => return Ok(closed(error(status))),
        None => return Ok(closed(error(StatusCode::REQUEST_TIMEOUT))),
    };
    let is_form = is_form(request.headers);
    let selection = if is_form {
        Selection::of_pairs(&list)
    } else {
        Selection::of_lines(&list)
    };
    drop(list);
    match selection {
        Ok(selection) => {
            let selection = Arc::new(selection);
            selecting.known.keep(Arc::clone(&selection));
            let url = format!("./?archive=zip&selection={}", selection.id());
            let mut response = if is_form {
                HttpResponse::SeeOther()
                    .insert_header((LOCATION, url))
                    .finish()
            } else {
                described(archives, share, request, folder, selection, url).await
            };
            response.headers_mut().insert(CACHE_CONTROL, UNCACHED);
            Ok(response)
        }
        Err(reason) => Ok(refused(reason)),
    }
}

/// Why there is no archive of a selection.
pub fn refused(reason: NoSelection) -> HttpResponse {
    error(match reason {
        NoSelection::Malformed => StatusCode::BAD_REQUEST,
        NoSelection::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        NoSelection::Unknown => StatusCode::NOT_FOUND,
    })
}

/// What the page wants to know about a selection.
async fn described(
    archives: &Archives,
    share: &OpenShare,
    request: &Request<'_>,
    folder: Option<FolderResource>,
    selection: Arc<Selection>,
    url: String,
) -> HttpResponse {
    let id = selection.id().to_string();
    let wanted = Wanted {
        folder,
        selection: Some(selection),
    };
    let (title, visitor) = (title(request, share), &request.delivery.outbox);
    let total = archives.total(&title, share, wanted, visitor);
    let total = timeout(TOTAL_TIME, total).await;
    let total = total.ok().and_then(Result::ok);
    let description = serde_json::json!({
        "id": id,
        "url": url,
        "files": total.map(|total| total.files),
        "size": total.map(|total| total.size),
        "zip": total.map(|total| total.zip),
    });
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, "application/json"));
    response.body(description.to_string())
}

/// The body of a request, unless it is too long.
async fn whole(outbox: &Outbox) -> Result<BytesMut, StatusCode> {
    let mut whole = BytesMut::new();
    loop {
        let chunk = outbox.next_chunk().await;
        let chunk = chunk.map_err(|_| StatusCode::BAD_REQUEST)?;
        if chunk.is_empty() {
            return Ok(whole);
        }
        if whole.len() + chunk.len() > MAX_LIST_BYTES {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        whole.extend_from_slice(&chunk);
    }
}

/// Whether the list comes from a form of a page without a script.
fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes());
    let name = kind.and_then(|kind| kind.split(|byte| *byte == b';').next());
    name.is_some_and(|name| {
        name.trim_ascii()
            .eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
    })
}
