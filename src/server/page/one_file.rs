//! The page of a single shared file: a large preview in place of a list with one row.

use askama::Template;

use super::{
    list::ListPage,
    row::{Ranked, RowView},
    words::Words,
};
use crate::server::{
    kind::{FileKind, has_small_picture},
    path::shown_name,
};

#[derive(Template)]
#[template(path = "one_file.html")]
pub struct OneFile<'a> {
    words: &'static Words,
    file: RowView<'a>,
    shown: Shown,
}

/// How a browser without a script shows it.
#[derive(Debug, PartialEq, Eq)]
enum Shown {
    /// A picture that fits a screen.
    Rendition,
    /// A picture as it is.
    Picture,
    Video,
    Audio,
    Pdf,
    Icon,
}

/// The only file of a share, unless the share is a folder or the page is for a program.
pub fn only_file(page: &ListPage) -> Option<Ranked> {
    let (request, listing) = (&page.request, &page.request.listing);
    let is_for_people = !request.is_plain && !request.is_whole;
    if page.summary.total() != 1 || request.takes_files || !is_for_people || !listing.path.is_root()
    {
        return None;
    }
    let only = page.row(0)?;
    // A share of one file has its name.
    let is_file =
        !only.row.is_folder && shown_name(&only.row.name) == shown_name(listing.share.as_bytes());
    is_file.then_some(only)
}

impl<'a> OneFile<'a> {
    pub fn new(only: &'a Ranked, words: &'static Words) -> Self {
        Self {
            words,
            shown: Shown::of(&only.row.name),
            file: RowView::new(only),
        }
    }
}

impl Shown {
    fn of(name: &[u8]) -> Self {
        let extension = name.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
        let is_one_of = |known: &[&[u8]]| {
            let mut known = known.iter();
            known.any(|known| extension.eq_ignore_ascii_case(known))
        };
        match FileKind::of_file(name) {
            // A rendition doesn't move, and a drawing is sharp at any size.
            FileKind::Picture if is_one_of(&[b"gif", b"svg", b"avif", b"bmp", b"ico", b"apng"]) => {
                Self::Picture
            }
            FileKind::Picture if has_small_picture(name) => Self::Rendition,
            FileKind::Video => Self::Video,
            FileKind::Audio => Self::Audio,
            FileKind::Pdf => Self::Pdf,
            _ => Self::Icon,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_what_it_can_show() {
        for (name, shown) in [
            (&b"a.JPG"[..], Shown::Rendition),
            (b"a.gif", Shown::Picture),
            (b"a.xcf", Shown::Icon),
            (b"a.mp4", Shown::Video),
            (b"a.mp3", Shown::Audio),
            (b"a.pdf", Shown::Pdf),
            (b"svg", Shown::Icon),
        ] {
            assert_eq!(Shown::of(name), shown, "{name:?}");
        }
    }
}
