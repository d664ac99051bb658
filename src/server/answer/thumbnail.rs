//! Answers with a thumbnail.

use std::io;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, VARY},
    },
};

use super::{
    derived::{self, Beginning},
    file,
};
use crate::server::{
    about::may_play,
    http::{Request, accept::accepts_webp, error::error},
    kind, page,
    share::{FileResource, OpenShare},
    thumbnail::{Made, Purpose, Thumbnails, Wish},
};

/// Answers with a small picture of a file:
///
/// - 200: a WebP if the visitor's browser shows it and it is smaller; otherwise a JPEG, or a PNG if it is transparent; upright and with the colour profile of the file. A small
///   file of a kind that browsers can show may be its own tile.
/// - 204: there is none, because the file is damaged or too large. The page shows an icon then. For
///   [`Purpose::Card`] there is the drawing of a folder instead.
/// - 302: for [`Purpose::View`], to the file itself, because nothing better can be made: it has at most
///   300 KiB, is an animation, wouldn't get much smaller, or can only be shown by the browser.
/// - 404: files with such a name have no small pictures, or, for [`Purpose::Cover`], don't play.
///
/// The page knows names and sizes, so it asks for the original right away where it would be sent there.
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
    if !may_have(name, purpose) {
        return Ok(error(StatusCode::NOT_FOUND));
    }
    let is_small = kind::is_shown_by_browsers(name) && resource.stamp.size <= purpose.small_bytes();
    if is_small && purpose != Purpose::View {
        // Nobody downloads a small picture by looking at it.
        let look = request.without_visit();
        return file::respond(share, &look, resource, name, StatusCode::OK).await;
    }
    let wish = Wish::new(purpose, accepts_webp(request.headers));
    let Some(beginning) = derived::begin(request, &resource.stamp, &wish.id()) else {
        return Ok(error(StatusCode::PRECONDITION_FAILED));
    };
    let Beginning {
        mut response,
        is_known,
        ..
    } = beginning.kept();
    response.insert_header((VARY, "Accept"));
    if is_known {
        return Ok(response.finish());
    }
    let made = if is_small {
        Made::Original
    } else {
        tokio::select! {
            biased;
            made = thumbnails.picture(resource, name, wish) => made?,
            // Scrolling on cancels the request, so nobody reads this.
            () = request.delivery.outbox.left() => return Ok(error(StatusCode::SERVICE_UNAVAILABLE)),
        }
    };
    Ok(match made {
        Made::Picture(picture) => response
            .insert_header((CONTENT_TYPE, Made::media_type(&picture)))
            .body(picture),
        Made::Original => response
            .status(StatusCode::FOUND)
            // Built from names, not from a URL as sent.
            .insert_header((LOCATION, request.path.to_url()))
            .finish(),
        // Messengers have been told that there is something.
        Made::Nothing if purpose == Purpose::Card => response
            .insert_header((CONTENT_TYPE, "image/png"))
            .body(page::COVER),
        Made::Nothing => response.status(StatusCode::NO_CONTENT).finish(),
    })
}

/// Whether a file with this name may have a small picture for this purpose.
pub fn may_have(name: &[u8], purpose: Purpose) -> bool {
    match purpose {
        Purpose::Cover => may_play(name),
        Purpose::Card => kind::has_small_picture(name) || may_play(name),
        _ => kind::has_small_picture(name),
    }
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
            shows_places: false,
            copies: &std::sync::Arc::default(),
            offers: &crate::server::offer::Offers::default(),
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
