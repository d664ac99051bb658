//! The pages of the program itself: a folder's list, and the words for what went wrong.
//!
//! They work without a script, ask nothing of any other server, and are written piece by piece:
//! [`start`], any number of [`rows`], [`end`]. Names of files are hostile; they get onto a page
//! through [`shown_name`] and [`escape`] alone.

use std::fmt::Write;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue,
};
use actix_web::{HttpResponse, HttpResponseBuilder};

use super::civil::Civil;
use super::headers::PAGE_POLICY;
use super::listing::{Listing, Row, Totals};
use super::path::push_encoded;

const STYLE: &str = include_str!("page.css");

/// SHA-256 of the style sheet, by which the page's policy knows it. A test says what it has to be
/// when the style sheet has changed.
const STYLE_HASH: &str = "sha256-rEu+8ahFwmrAhjZVUpK4E+9ZmTgNJpg2k+QcHZ1jvXw=";

/// Adds the headers of a page.
pub fn describe(response: &mut HttpResponseBuilder) {
    response
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_SECURITY_POLICY, policy()));
}

/// The page for a status that is no success.
pub fn error(status: StatusCode) -> HttpResponse {
    let (title, words) = words(status);
    let mut page = head(title);
    let _ = writeln!(
        page,
        "<body class=\"error\"><main><h1>{title}</h1><p>{words}</p></main></body></html>"
    );
    let mut response = HttpResponse::build(status);
    describe(&mut response);
    response
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(page)
}

/// The page for a range that lies behind the end of `size` bytes.
pub fn no_such_range(size: u64) -> HttpResponse {
    let mut response = error(StatusCode::RANGE_NOT_SATISFIABLE);
    // Digits make a valid header.
    if let Ok(range) = HeaderValue::from_str(&format!("bytes */{size}")) {
        response.headers_mut().insert(CONTENT_RANGE, range);
    }
    response
}

/// A listing's page up to its first row.
pub fn start(listing: &Listing) -> String {
    let here = listing.path.last().map(shown_name);
    let share = match listing.share.as_str() {
        "" => "Shared files".to_owned(),
        name => shown_name(name.as_bytes()),
    };
    let title = here.as_ref().unwrap_or(&share);
    let mut page = head(&escape(title));
    page.push_str("<body><main><header><nav aria-label=\"Folders\"><ol>");
    let names: Vec<&[u8]> = listing.path.names().collect();
    let mut url = String::from("/");
    crumb(&mut page, &share, (!names.is_empty()).then_some(&url));
    for (depth, name) in names.iter().enumerate() {
        push_encoded(name, &mut url);
        url.push('/');
        let is_here = depth + 1 == names.len();
        crumb(&mut page, &shown_name(name), (!is_here).then_some(&url));
    }
    let _ = writeln!(
        page,
        "</ol></nav><a class=\"all\" href=\"./?archive=zip\" download>Download all</a></header>\
         <table><caption>{}</caption><thead><tr><th scope=\"col\">Name</th>\
         <th scope=\"col\">Size</th><th scope=\"col\">Changed</th></tr></thead><tbody>",
        escape(title)
    );
    page
}

/// Rows of a listing's page.
pub fn rows(rows: &[Row]) -> String {
    let mut page = String::with_capacity(rows.len() * 200);
    for row in rows {
        let kind = if row.is_folder { "folder" } else { "file" };
        let name = shown_name(&row.name);
        let time = Civil::from_unix(row.modified_s);
        let _ = write!(
            page,
            "<tr><td><a class=\"{kind}\" href=\"{}\"><bdi>{}</bdi></a></td>",
            row.url(),
            escape(&name)
        );
        if row.is_folder {
            page.push_str("<td></td>");
        } else {
            let _ = write!(page, "<td>{}</td>", size(row.size));
        }
        let _ = writeln!(
            page,
            "<td><time datetime=\"{0:04}-{1:02}-{2:02}T{3:02}:{4:02}:{5:02}Z\">\
             {0:04}-{1:02}-{2:02} {3:02}:{4:02}</time></td></tr>",
            time.year, time.month, time.day, time.hour, time.minute, time.second
        );
    }
    page
}

/// The end of a listing's page.
pub fn end(totals: &Totals) -> String {
    let count = |count: u64, one: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    };
    let words = match (totals.folders, totals.files) {
        (0, 0) => "This folder is empty.".to_owned(),
        (folders, 0) => count(folders, "folder"),
        (0, files) => format!("{}, {}", count(files, "file"), size(totals.size)),
        (folders, files) => format!(
            "{}, {}, {}",
            count(folders, "folder"),
            count(files, "file"),
            size(totals.size)
        ),
    };
    format!("</tbody></table><footer>{words}</footer></main></body></html>\n")
}

fn head(title: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><link rel=\"icon\" href=\"data:,\">\
         <title>{title}</title><style>{STYLE}</style></head>"
    )
}

fn crumb(page: &mut String, name: &str, url: Option<&String>) {
    let name = escape(name);
    let _ = match url {
        Some(url) => write!(page, "<li><a href=\"{url}\"><bdi>{name}</bdi></a></li>"),
        None => write!(
            page,
            "<li aria-current=\"page\"><h1><bdi>{name}</bdi></h1></li>"
        ),
    };
}

fn policy() -> String {
    PAGE_POLICY.replace("{style}", STYLE_HASH)
}

/// A name as a person can read it: what is not UTF-8, invisible or turns the direction of writing
/// is replaced by a sign that can be seen.
fn shown_name(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    let is_unseen = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    name.chars()
        .map(|c| {
            if is_unseen(c) {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

/// Text for use in HTML, also inside a quoted attribute.
fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}

/// A size for reading, in powers of 1,000: `1.5 MB`.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    // Exact enough for two digits.
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let digits = if value < 9.95 { 1 } else { 0 };
    format!("{value:.digits$} {}", UNITS[unit])
}

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::NOT_FOUND => (
            "Not found",
            "There is nothing here under this name. It may have been moved or deleted, or the link \
             may be incomplete.",
        ),
        StatusCode::FORBIDDEN => (
            "Can't be opened",
            "This is part of what is shared, but it can't be read.",
        ),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("Read only", "Files here can be looked at, not changed.")
        }
        StatusCode::MISDIRECTED_REQUEST | StatusCode::BAD_REQUEST => (
            "Wrong address",
            "Open the link exactly as you were given it.",
        ),
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => (
            "Request too large",
            "Your browser sent more than can be taken.",
        ),
        StatusCode::RANGE_NOT_SATISFIABLE => (
            "Part not found",
            "The file has no such part. It may have changed: download it again from the start.",
        ),
        StatusCode::PRECONDITION_FAILED => (
            "Changed meanwhile",
            "The file has changed. Download it again from the start.",
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            "Busy",
            "Too much is being downloaded at the moment. Try again in a minute.",
        ),
        _ => (
            "Not available",
            "This can't be read at the moment. Try again in a minute.",
        ),
    }
}

#[cfg(test)]
mod tests;
