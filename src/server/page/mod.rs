//! The pages of the program itself: a folder's list, and the words for what went wrong.
//!
//! A page is one response that needs nothing else: templates, style sheet, script and icons are
//! compiled in, and it works without the script. Names of files are hostile; they get onto a page
//! only through [`shown_name`](crate::server::path::shown_name) and the escaping of the templates.
//!
//! ```text
//! list      the page of a folder
//! pages     each page once for all who want it at the same time
//! summary   what it says of all entries
//! row       one of them
//! navigation
//!           what leads to other pages
//! errors    the pages for what went wrong
//! view      how a visitor wants to see a folder, as the URL says it
//! words     texts in the visitor's language
//! plural    texts that count something
//! messages  structs of texts, from a file of messages
//! text      sizes as they are shown
//! markdown  Markdown as HTML that is safe here
//! cost      how much of a Markdown text is rendered
//! markup    the harmless part of the HTML in Markdown
//! nesting   whether Markdown nests deeper than people write
//! policy    what a page may load and run
//! ```

mod cost;
mod errors;
mod list;
mod markdown;
mod markup;
mod messages;
mod navigation;
mod nesting;
mod pages;
mod plural;
mod policy;
mod row;
mod summary;
mod text;
mod view;
mod words;

pub use errors::finish;
pub use list::ListRequest;
pub use markdown::{MAX_BYTES as MAX_MARKDOWN_BYTES, render as render_markdown};
pub use pages::Pages;
pub use policy::describe;

/// A drawing of a folder, for messengers, where a share has no picture of its own. Made of
/// `cover.svg` with `rsvg-convert`.
pub const COVER: &[u8] = include_bytes!("cover.png");
