//! Answers with a text that the owner shares, as a page or as it is.

use std::io;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::VARY},
};
use bytes::Bytes;

use super::file;
use crate::server::{
    blocking::blocking,
    downloads::{DownloadKind, Item, Sends},
    http::{Request, compress},
    page::{self, TextPage},
    path::{RequestPath, shown_name},
    share::{FileResource, OpenShare, SharedContent},
    transport::{ChunkSource, read_at},
};

/// How much of a text the page shows.
const SHOWN_BYTES: u64 = 256 * 1024;

/// A page, which is sent as a whole.
struct Whole(Option<Bytes>);

impl ChunkSource for Whole {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        Ok(self.0.take())
    }

    fn next_now(&mut self) -> io::Result<Option<Bytes>> {
        self.next()
    }
}

/// Answers for the only file of a share.
///
/// # Errors
/// If it can't be read.
pub async fn respond(share: &OpenShare, request: &Request<'_>) -> io::Result<HttpResponse> {
    let (file, name) = only_file(share).await.ok_or(io::ErrorKind::NotFound)?;
    if request.wants("raw") {
        return file::respond(share, request, &file, &name, StatusCode::OK).await;
    }
    let (opened, stamp) = file.open().await?;
    let text = blocking(move || {
        // At most SHOWN_BYTES, which fit.
        let mut text = vec![0; stamp.size.min(SHOWN_BYTES) as usize];
        let read = read_at(&opened, 0, &mut text)?;
        text.truncate(read);
        Ok(text)
    });
    let text = text.await?;
    // Whoever has the page has the text.
    if stamp.size <= SHOWN_BYTES {
        request.follow(Sends::Encoded, || Item {
            name: shown_name(&name),
            kind: DownloadKind::File,
            path: name.clone(),
            version: stamp.identity(),
            size: stamp.size,
        });
    }
    let page = TextPage {
        text: &text,
        is_cut: stamp.size > SHOWN_BYTES,
    };
    let page = Bytes::from(page.render(request.headers));
    let mut response = HttpResponse::Ok();
    page::describe_text(&mut response);
    response.insert_header((VARY, "Accept-Language"));
    let length = Some(page.len() as u64);
    Ok(compress::respond(
        Whole(Some(page)),
        length,
        response,
        request,
    ))
}

async fn only_file(share: &OpenShare) -> Option<(FileResource, Vec<u8>)> {
    let SharedContent::Chosen(chosen) = &share.content else {
        return None;
    };
    let name = chosen.first()?.name.as_encoded_bytes();
    let file = share.file_at(&RequestPath::default().join(name)).await?;
    Some((file, name.to_vec()))
}
