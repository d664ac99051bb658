//! Small pictures of large ones, for the gallery and for messengers.
//!
//! A JPEG's own thumbnail is used where it has one. Else the picture is decoded once and the
//! result kept on disk. Pictures are what strangers may have made: each is bounded in bytes,
//! pixels and work before it is decoded, and few are decoded at a time.
//!
//! ```text
//! jpeg    what the head of a JPEG says: size, orientation, thumbnail
//! decode  from bytes to pixels
//! make    from a file to a small picture
//! scale   from many pixels to few
//! cache   the ones made before, on disk
//! ```

mod cache;
mod decode;
mod jpeg;
mod make;
mod scale;

use std::io;
use std::path::Path;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use tokio::sync::Semaphore;

use super::answer::Asked;
use super::conditional::{Outcome, Validators, evaluate};
use super::share::{FilePlace, blocking};
use super::{file, page};
use cache::Cache;
pub use make::shrunk;

/// Pictures that are made at a time.
const AT_A_TIME: u32 = 2;

/// A file of this size, in bytes, may take much memory: no other picture is made beside it.
const LARGE_BYTES: u64 = 12 * 1024 * 1024;

/// Up to this size, in bytes, a picture is its own thumbnail.
const SMALL_BYTES: u64 = 32 * 1024;

/// What a small picture is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A tile of the gallery, at once: a camera's own thumbnail, where there is one.
    Tile,
    /// The same tile for those who look at it for a while, where a camera's thumbnail is coarse.
    Sharp,
    /// What a messenger shows of a link.
    Preview,
}

impl Purpose {
    /// Pixels of the shorter side.
    fn short_side(self) -> u32 {
        match self {
            Purpose::Tile | Purpose::Sharp => 320,
            Purpose::Preview => 630,
        }
    }

    /// Tells its pictures from those for another purpose.
    fn id(self) -> &'static str {
        match self {
            Purpose::Tile => "320",
            Purpose::Sharp => "320-sharp",
            Purpose::Preview => "630",
        }
    }
}

/// Whether a file of this name may have a thumbnail.
pub fn can_be_made(name: &[u8]) -> bool {
    let extension = name.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    [
        &b"jpg"[..],
        b"jpeg",
        b"jpe",
        b"jfif",
        b"png",
        b"gif",
        b"webp",
    ]
    .iter()
    .any(|known| extension.eq_ignore_ascii_case(known))
}

/// Makes the small pictures of one share.
#[derive(Debug)]
pub struct Thumbnails {
    cache: Option<Arc<Cache>>,
    places: Semaphore,
}

impl Thumbnails {
    /// Keeps what it makes in a directory of its own, or nowhere.
    pub fn new(dir: Option<&Path>) -> Thumbnails {
        Thumbnails {
            cache: dir.map(|dir| Arc::new(Cache::new(dir))),
            places: Semaphore::new(AT_A_TIME as usize),
        }
    }

    /// Answers with a small picture of a file, or with nothing for one that is no picture. That is
    /// no error: the page shows an icon then.
    ///
    /// # Errors
    /// Those of opening and reading the file.
    pub async fn respond(
        &self,
        asked: &Asked<'_>,
        place: &FilePlace,
        purpose: Purpose,
    ) -> io::Result<HttpResponse> {
        let name = asked.path.last().unwrap_or_default();
        if !can_be_made(name) {
            return Ok(page::error(StatusCode::NOT_FOUND));
        }
        if place.kept.size <= SMALL_BYTES {
            return file::respond(asked, place, name, StatusCode::OK).await;
        }
        let suffix = purpose.id();
        let etag = format!("\"{:016x}-{suffix}\"", place.kept.fingerprint());
        let validators = Validators {
            etag,
            modified: None,
        };
        let outcome = evaluate(asked.headers, &validators);
        let mut response = match outcome {
            Outcome::Proceed => HttpResponse::Ok(),
            Outcome::NotModified => HttpResponse::NotModified(),
            Outcome::Failed => return Ok(page::error(StatusCode::PRECONDITION_FAILED)),
        };
        // The page asks for a changed picture under another URL.
        response
            .insert_header((CACHE_CONTROL, "private, max-age=86400"))
            .insert_header((ETAG, validators.etag.as_str()));
        if outcome == Outcome::NotModified {
            return Ok(response.finish());
        }
        Ok(match self.picture(place, name, purpose).await? {
            Some(picture) => response
                .insert_header((CONTENT_TYPE, "image/jpeg"))
                .body(picture),
            None => response.status(StatusCode::NO_CONTENT).finish(),
        })
    }

    /// The JPEG, made or remembered; `None` for a file that can't be one.
    async fn picture(
        &self,
        place: &FilePlace,
        name: &[u8],
        purpose: Purpose,
    ) -> io::Result<Option<Vec<u8>>> {
        let key = cache::key(&place.kept, name, purpose);
        if let Some(cache) = &self.cache {
            let (cache, key) = (Arc::clone(cache), key.clone());
            if let Some(kept) = blocking(move || Ok(cache.get(&key))).await? {
                return Ok((!kept.is_empty()).then_some(kept));
            }
        }
        let weight = if place.kept.size > LARGE_BYTES {
            AT_A_TIME
        } else {
            1
        };
        // Whoever scrolls on closes the request, and waits here no more. It is never closed.
        let _place = self
            .places
            .acquire_many(weight)
            .await
            .map_err(io::Error::other)?;
        let (file, kept) = place.open().await?;
        let cache = self.cache.clone();
        blocking(move || {
            let made = make::picture(&file, kept.size, purpose)?;
            if let Some(cache) = cache {
                // That a file is no picture is remembered as well.
                cache.put(&key, made.as_deref().unwrap_or_default());
            }
            Ok(made)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_decoded_has_a_thumbnail() {
        for name in [&b"a.jpg"[..], b"A.JPEG", b"x.y.png", b"a.webp", b"a.gif"] {
            assert!(can_be_made(name));
        }
        for name in [&b"a.svg"[..], b"a.heic", b"jpg.txt", b""] {
            assert!(!can_be_made(name), "{name:?}");
        }
    }
}
