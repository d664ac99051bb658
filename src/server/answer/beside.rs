//! Answers with a file of a website that was compressed before it was shared: `app.js.br`, `app.js.zst` or
//! `app.js.gz` for `app.js`.
//!
//! What lies beside a file stands for it only in a website, because only there all files come from whoever made it.

use std::{io, sync::Arc};

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, VARY},
    },
};

use super::{
    encoded,
    isolation::Isolation,
    one_part,
    version::{describe, validators},
};
use crate::server::{
    blocking::blocking,
    downloads::{DownloadKind, Item, Sends},
    folder::FileStamp,
    http::{
        Request,
        conditional::{Precondition, evaluate_each},
        disposition::disposition,
        encoding::{Accepted, Encoding},
        error::{error, no_such_range, stopped},
        media_type::{MediaType, SNIFF_BYTES},
    },
    path::shown_name,
    share::{FileResource, Membership},
    transport::{read_at, read_now},
};

/// The compressed forms of a file that lie beside it.
#[derive(Debug, Default)]
pub struct Beside(Vec<(Encoding, FileResource)>);

/// A file, and what a visitor is told about it.
pub struct Original<'a> {
    pub resource: &'a FileResource,
    pub name: &'a [u8],
    pub media_type: MediaType,
}

impl Beside {
    /// Finds those of a file that were not made before its last change. Others show what it was.
    pub async fn find(original: &FileResource) -> Self {
        let mut found = Vec::new();
        for encoding in Encoding::ALL {
            if let Some(file) = original.beside(suffix(encoding)).await
                && is_current(&original.stamp, &file.stamp)
            {
                found.push((encoding, file));
            }
        }
        Self(found)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The smallest one that a client accepts, unless it would rather have the file as it is.
    fn smallest(&self, accepted: &Accepted) -> Option<&(Encoding, FileResource)> {
        let best: Vec<_> = accepted.best().collect();
        best.first()?;
        let of = |wanted: &dyn Fn(Encoding) -> bool| {
            let found = self.0.iter().filter(|(encoding, _)| wanted(*encoding));
            found.min_by_key(|(_, file)| file.stamp.size)
        };
        of(&|encoding| best.contains(&encoding)).or_else(|| of(&|it| accepted.allows(it)))
    }

    /// Answers with one of them; `None` if the client accepts none.
    ///
    /// # Errors
    /// Those of opening and reading the files.
    pub async fn respond(
        &self,
        original: Original<'_>,
        request: &Request<'_>,
    ) -> io::Result<Option<HttpResponse>> {
        if request.delivery.is_http10 {
            return Ok(None);
        }
        let accepted = Accepted::of(request.headers);
        let Some((encoding, resource)) = self.smallest(&accepted) else {
            return Ok(None);
        };
        // What can't be read, or has just changed, stands for nothing.
        let Ok((file, stamp)) = resource.open().await else {
            return Ok(None);
        };
        let Some(media_type) = sniffed(&original).await? else {
            return Ok(None);
        };
        if stamp != resource.stamp {
            return Ok(None);
        }
        let isolation = Isolation::of(Membership::Website, &media_type);
        let mut response = HttpResponse::Ok();
        isolation.describe(&mut response);
        let own = validators(&stamp, isolation, Some(*encoding));
        // Whoever has it in another encoding has it.
        let others = self.0.iter().filter(|(other, _)| other != encoding);
        let others = others.map(|(other, file)| validators(&file.stamp, isolation, Some(*other)));
        let plain =
            Encoding::FORMS.map(|form| validators(&original.resource.stamp, isolation, form));
        let each = [own.clone()].into_iter().chain(others).chain(plain);
        let (outcome, known) = evaluate_each(request.headers, each);
        if outcome == Precondition::Failed {
            return Ok(Some(error(StatusCode::PRECONDITION_FAILED)));
        }
        response.insert_header((VARY, "Accept-Encoding"));
        describe(known.as_ref().unwrap_or(&own), stamp.size, &mut response);
        if outcome == Precondition::NotModified {
            return Ok(Some(response.status(StatusCode::NOT_MODIFIED).finish()));
        }
        response
            .insert_header((CONTENT_ENCODING, encoding.name()))
            .insert_header((CONTENT_TYPE, media_type.header().as_ref()))
            .insert_header((
                CONTENT_DISPOSITION,
                disposition(original.name, &media_type, false),
            ));
        let Some(range) = one_part::wanted(request, &own, stamp.size, &mut response) else {
            return Ok(Some(no_such_range(stamp.size)));
        };
        let name = || shown_name(original.name);
        let length = range.end - range.start;
        if request
            .sends((range.start, Some(length), Some(stamp.size)), name)
            .is_err()
        {
            return Ok(Some(stopped()));
        }
        if length == stamp.size && !media_type.is_shown_by_browsers() {
            let plain = &original.resource.stamp;
            request.follow(Sends::Encoded, || Item {
                name: name(),
                kind: DownloadKind::File,
                path: request.path.as_bytes().to_vec(),
                version: plain.identity(),
                size: plain.size,
            });
        }
        Ok(Some(encoded::send(
            &Arc::new(file),
            &[range],
            response,
            request,
        )))
    }
}

/// The end of the name of a compressed form.
fn suffix(encoding: Encoding) -> &'static [u8] {
    match encoding {
        Encoding::Brotli => b".br",
        Encoding::Zstd => b".zst",
        Encoding::Gzip => b".gz",
    }
}

/// Whether a file may be a compressed form of the original as it is now. Some programs give it the same time.
fn is_current(original: &FileStamp, compressed: &FileStamp) -> bool {
    let time = |stamp: &FileStamp| (stamp.modified_s, stamp.modified_ns);
    time(compressed) >= time(original) && compressed.size > 0
}

/// The type of the original, which its content may show; `None` if it has changed since it was found.
async fn sniffed(original: &Original<'_>) -> io::Result<Option<MediaType>> {
    let media_type = original.media_type.clone();
    if !media_type.needs_content() {
        return Ok(Some(media_type));
    }
    let (file, stamp) = original.resource.open().await?;
    if stamp != original.resource.stamp {
        return Ok(None);
    }
    // At most SNIFF_BYTES.
    let mut start = vec![0; stamp.size.min(SNIFF_BYTES as u64) as usize];
    if !read_now(&file, 0, &mut start) {
        start = blocking(move || {
            let read = read_at(&file, 0, &mut start)?;
            start.truncate(read);
            Ok(start)
        })
        .await?;
    }
    let is_whole = start.len() as u64 == stamp.size;
    Ok(Some(media_type.with_content(&start, is_whole)))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};

    use super::*;
    use crate::server::{
        folder::FileId,
        path::RequestPath,
        share::{Content, OpenShare, Resource},
    };

    #[test]
    fn what_is_older_than_the_file_is_not_used() {
        let stamp = |seconds, size| FileStamp::new(FileId(1), size, (seconds, 5), (0, 0));
        assert!(is_current(&stamp(100, 9), &stamp(100, 1)));
        assert!(is_current(&stamp(100, 9), &stamp(101, 20)));
        assert!(!is_current(&stamp(100, 9), &stamp(99, 1)));
        assert!(!is_current(&stamp(100, 9), &stamp(100, 0)));
    }

    #[tokio::test]
    async fn the_smallest_that_is_accepted_is_sent() {
        let dir = tempfile::tempdir().unwrap();
        for (name, size) in [
            ("a.js", 90),
            ("a.js.gz", 40),
            ("a.js.br", 50),
            ("a.js.zst", 45),
        ] {
            std::fs::write(dir.path().join(name), vec![0; size]).unwrap();
        }
        std::fs::create_dir(dir.path().join("b.js.br")).unwrap();
        let share = OpenShare::open(&Content::Folder(dir.path().to_owned()), false).unwrap();
        let path = RequestPath::from_names([std::ffi::OsStr::new("a.js")]).unwrap();
        let Resource::File(file) = share.find(&path).await.unwrap() else {
            panic!("it is a file");
        };
        let beside = Beside::find(&file).await;
        for (line, expected) in [
            ("br, zstd, gzip", Some("gzip")),
            ("br, zstd", Some("zstd")),
            ("br", Some("br")),
            ("br, zstd;q=0.5, gzip;q=0.1", Some("br")),
            ("deflate", None),
            ("gzip;q=0", None),
            ("identity, gzip;q=0.5", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(line));
            let smallest = beside.smallest(&Accepted::of(&headers));
            assert_eq!(smallest.map(|(it, _)| it.name()), expected, "{line}");
        }
    }
}
