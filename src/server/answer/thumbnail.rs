//! Answers with a thumbnail.

use std::io;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
};

use super::{derived, file};
use crate::server::{
    http::{Request, error::error},
    page,
    share::{FileResource, OpenShare},
    thumbnail::{self, Purpose, Thumbnails},
};

/// Answers with a thumbnail of a file, or with status 204 if the file is not a valid picture. The page
/// shows an icon then.
///
/// # Errors
/// Those of opening and reading the file.
pub async fn respond(
    thumbnails: &Thumbnails,
    share: &OpenShare,
    request: &Request<'_>,
    resource: &FileResource,
    purpose: Purpose,
) -> io::Result<HttpResponse> {
    let name = request.path.last().unwrap_or_default();
    if !thumbnail::can_be_made(name) {
        return Ok(error(StatusCode::NOT_FOUND));
    }
    if resource.stamp.size <= thumbnail::SMALL_BYTES {
        // Nobody downloads a small picture by looking at it.
        let look = request.without_visit();
        return file::respond(share, &look, resource, name, StatusCode::OK).await;
    }
    let Some(beginning) = derived::begin(request, &resource.stamp, purpose.id()) else {
        return Ok(error(StatusCode::PRECONDITION_FAILED));
    };
    let mut response = beginning.response;
    // The page asks for a changed picture under another URL, unless it has changed twice within a
    // second.
    if beginning.has_tag {
        response.insert_header((CACHE_CONTROL, "private, max-age=86400"));
    }
    if beginning.is_known {
        return Ok(response.finish());
    }
    let picture = tokio::select! {
        biased;
        picture = thumbnails.picture(resource, name, purpose) => picture?,
        // Scrolling on cancels the request, so nobody reads this.
        () = request.delivery.outbox.left() => return Ok(error(StatusCode::SERVICE_UNAVAILABLE)),
    };
    Ok(match picture {
        Some(picture) => response
            .insert_header((CONTENT_TYPE, "image/jpeg"))
            .body(picture),
        None => response.status(StatusCode::NO_CONTENT).finish(),
    })
}

/// A drawing of a folder, for link previews of shares without a picture.
pub fn cover() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "image/png"))
        .insert_header((CACHE_CONTROL, "private, max-age=86400"))
        .body(page::COVER)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderMap;

    use super::*;
    use crate::server::{
        path::RequestPath, share::Content, thumbnail::tests::with_picture, transport::Delivery,
    };

    #[test]
    fn a_visitor_who_has_left_waits_for_no_picture() {
        let (runtime, dir, place) = with_picture();
        let share = OpenShare::open(&Content::Folder(dir.path().to_owned()), false).unwrap();
        let thumbnails = Thumbnails::new(None);
        let request = Request {
            path: &RequestPath::from_names([std::ffi::OsStr::new("picture.png")]).unwrap(),
            query: "thumbnail",
            headers: &HeaderMap::new(),
            delivery: Delivery::default(),
            visit: None,
            visitor: None,
            is_open_to_files: false,
        };
        runtime.block_on(async {
            let _taken = thumbnails.occupy().await;
            let mut response = Box::pin(respond(
                &thumbnails,
                &share,
                &request,
                &place,
                Purpose::Tile,
            ));
            tokio::select! {
                biased;
                _ = &mut response => panic!("there is no place"),
                () = std::future::ready(()) => {}
            }
            request.delivery.outbox.visitor_has_left();
            tokio::select! {
                biased;
                response = &mut response => assert_eq!(response.unwrap().status(), 503),
                () = std::future::ready(()) => panic!("the visitor has left"),
            }
        });
    }
}
