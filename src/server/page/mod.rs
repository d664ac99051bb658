//! The pages that visitors see: the list of a folder, the page that asks for the password, the page
//! for handing in files, and error pages.
//!
//! A page is a single response: templates, style sheet, script and icons are compiled in, and it
//! works without the script. File names are untrusted; they reach a page only through
//! [`shown_name`](crate::server::path::shown_name) and the escaping of the templates.
//!
//! ```text
//! list      the page of a folder: what it says
//! list_body writes it piece by piece
//! card      what a messenger shows of a link to it
//! unlock    the page that asks for the password
//! upload    the page for handing in files
//! search    the page of what is found below a folder
//! text_page the page of a text that the owner shares
//! pages     makes each page once for all who request it at the same time
//! rendered  renders each Markdown file once for all who want it at the same time
//! summary   what it says about all entries
//! offer     who shares it, and until when
//! row       one entry
//! one_file  the page of a single file
//! navigation
//!           links to other pages
//! errors    error pages
//! view      how a visitor wants to see a folder, according to the URL
//! words     the texts in the visitor's language
//! plural    texts with a count
//! messages  reads structs of texts from a message file
//! text      readable sizes, and JSON inside a page
//! decode    text in its encoding
//! markdown  Markdown as HTML that is safe here
//! notebook  Jupyter notebooks as such HTML
//! html_writer
//!           writes the HTML of Markdown
//! footnotes, autolink
//!           notes at its end, and links that are not marked as such
//! link      where links in Markdown may lead
//! cost      how much of a Markdown text is rendered
//! markup    the harmless part of the HTML in Markdown
//! nesting   whether Markdown nests deeper than people write
//! assets    style sheets and scripts
//! policy    what a page may load and run
//! hash      the hash of a style sheet or script
//! ```

mod assets;
mod autolink;
mod card;
mod cost;
mod decode;
mod errors;
mod footnotes;
mod hash;
mod html_writer;
mod link;
mod list;
mod list_body;
mod markdown;
mod markup;
mod messages;
mod navigation;
mod nesting;
mod notebook;
mod offer;
mod one_file;
mod pages;
mod plural;
mod policy;
mod rendered;
mod row;
mod search;
mod summary;
mod text;
mod text_page;
mod unlock;
mod upload;
mod view;
mod words;

pub use assets::{Asset, loaded, part};
pub(crate) use assets::{asset, built};
pub use errors::{finish, site};
pub use hash::hash;
pub use list::{ListRequest, PAGE_ROWS};
pub use markdown::render as html_of_markdown;
pub use notebook::render as html_of_notebook;
pub use pages::Pages;
pub use policy::{describe, describe_search, describe_text};
pub use rendered::{Fragment, RenderedFiles, is_notebook};
pub use search::SearchPage;
pub use text::script_json;
pub use text_page::TextPage;
pub use unlock::{UnlockMessage, seconds, unlock};
pub use upload::{UploadNotice, UploadPage, upload};
pub use words::{Words, preferred_language};

/// A drawing of a folder, for link previews of shares without a picture. Made from `cover.svg` with
/// `rsvg-convert`.
pub const COVER: &[u8] = include_bytes!("cover.png");
