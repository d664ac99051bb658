//! Renders a Markdown file or a notebook for the page's viewer.

use std::io;

use actix_web::{HttpResponse, http::header::VARY};

use crate::server::{
    http::{Request, compress},
    kind::FileKind,
    page::{self, Fragment, RenderedFiles, Words},
    share::FileResource,
};

/// Whether a file with this name can be rendered as HTML.
pub fn can_be_rendered(name: &[u8]) -> bool {
    FileKind::of_file(name) == FileKind::Markdown || page::is_notebook(name)
}

/// A Markdown file or a notebook as an HTML fragment for the page's viewer.
///
/// # Errors
/// Those of opening and reading the file.
pub async fn respond(
    files: &RenderedFiles,
    request: &Request<'_>,
    resource: &FileResource,
) -> io::Result<HttpResponse> {
    let words = Words::of(request.headers);
    let rendered = files.get(resource, words, &request.delivery.outbox).await?;
    let fragment = Fragment::new(rendered);
    let mut response = HttpResponse::Ok();
    page::describe(&mut response, false);
    response.append_header((VARY, "Accept-Language"));
    let length = Some(fragment.length());
    Ok(compress::respond(fragment, length, response, request))
}
