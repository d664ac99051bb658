//! Renders a Markdown file for the page's viewer.

use std::io;

use actix_web::HttpResponse;

use crate::server::{
    blocking::blocking,
    http::{Request, compress::Whole},
    kind::FileKind,
    page,
    share::FileResource,
    transport::read_at,
};

/// Whether a file with this name can be rendered as HTML.
pub fn can_be_rendered(name: &[u8]) -> bool {
    FileKind::of_file(name) == FileKind::Markdown
}

/// Tells the viewer that the HTML contains only the start of the file. Rendered files never contain
/// a template, and browsers don't display one.
const CUT: &str = "<template></template>";

/// A Markdown file as an HTML fragment for the page's viewer.
///
/// # Errors
/// Those of opening and reading the file.
pub async fn respond(request: &Request<'_>, resource: &FileResource) -> io::Result<HttpResponse> {
    let (file, stamp) = resource.open().await?;
    let html = blocking(move || {
        // At most MAX_MARKDOWN_BYTES.
        let mut text = vec![0; stamp.size.min(page::MAX_MARKDOWN_BYTES) as usize];
        let read = read_at(&file, 0, &mut text)?;
        let rendered = page::render_markdown(&String::from_utf8_lossy(&text[..read]));
        Ok(
            if rendered.is_cut || stamp.size > page::MAX_MARKDOWN_BYTES {
                format!("{CUT}{}", rendered.html)
            } else {
                rendered.html
            },
        )
    });
    let html = html.await?;
    let mut response = HttpResponse::Ok();
    page::describe(&mut response);
    Ok(Whole::new(html).respond(response, request))
}
