//! What a messenger shows of a link: its card.
//!
//! A picture that can't be shown, or an icon that would be blown up, is no use there. So the first few
//! pictures are looked at, for a short time, before one is chosen.

use std::time::Duration;

use crate::{
    media::{Window, photo, sound},
    server::{
        kind::{self, FileKind},
        listing::{Items, ListingRow},
        path::RequestPath,
        thumbnail,
        transport::read_at,
        work::Budget,
    },
};

/// How many pictures are looked at, and for how long: the disk may be on a network.
const MAX_LOOKS: usize = 8;
const MAX_TIME: Duration = Duration::from_millis(40);

/// How many bytes are read of each.
const READ_BYTES: u64 = 512 * 1024;

/// A picture with fewer pixels on its shorter side is an icon.
const MIN_SIDE: u32 = 200;

/// Pictures with more pixels are not decoded.
const MAX_PIXELS: u64 = 64_000_000;

/// The size of the drawing of a folder.
const DRAWING: (u32, u32) = (1200, 630);

/// What a messenger shows of a link.
#[derive(Debug)]
pub struct Card {
    /// The path of the picture, as a URL.
    pub picture: String,
    /// Its size in pixels, if it is known.
    pub size: Option<(u32, u32)>,
    /// Whether the picture may fill the card.
    pub is_large: bool,
    /// The video that plays in it.
    pub video: Option<Video>,
}

/// A video that plays in a card.
#[derive(Debug)]
pub struct Video {
    /// Its path, as a URL.
    pub url: String,
    pub size: Option<(u32, u32)>,
}

impl Card {
    /// The card of one file, which is in `folder`.
    pub fn of_file(file: &ListingRow, folder: &RequestPath, items: &Items) -> Self {
        let path = folder.join(&file.name);
        let relative = RequestPath::default().join(&file.name);
        let (mut picture, mut video) = (None, None);
        match FileKind::of_file(&file.name) {
            FileKind::Picture if kind::is_shown_by_browsers(&file.name) => {
                picture = look(items, &relative).map(Some);
            }
            FileKind::Picture if kind::has_small_picture(&file.name) => picture = Some(None),
            FileKind::Audio | FileKind::Video => {
                let found = with_file(items, &relative, sound);
                let (found, _) = found.unzip();
                let found = found.flatten().unwrap_or_default();
                picture = found.cover.is_some().then_some(None);
                if FileKind::of_file(&file.name) == FileKind::Video {
                    video = Some(Video {
                        url: path.to_url(),
                        size: found.size,
                    });
                }
            }
            _ => {}
        }
        let Some(size) = picture else {
            return Self {
                video,
                ..Self::drawing(folder)
            };
        };
        let is_large = size.is_none_or(|size: (u32, u32)| size.0.min(size.1) >= MIN_SIDE);
        Self {
            picture: format!("{}?card", path.to_url()),
            size,
            is_large,
            video,
        }
    }

    /// The card of a folder with these files and subfolders: the first picture in it or below that is
    /// large enough. If there is none, a drawing.
    pub fn of_folder<'a>(
        folder: &RequestPath,
        names: impl Iterator<Item = (&'a [u8], bool)> + Clone,
        items: &Items,
        budget: &Budget,
    ) -> Self {
        let budget = budget.within(MAX_TIME);
        let files = names
            .clone()
            .filter(|(name, is_folder)| !is_folder && kind::is_shown_by_browsers(name));
        let files = files.map(|(name, _)| RequestPath::default().join(name));
        let below = || {
            let folders = names.filter(|(_, is_folder)| *is_folder);
            let folders = folders.map(|(name, _)| name);
            items
                .source()
                .subtree_file(folders, kind::is_shown_by_browsers, &budget)
        };
        let mut candidates = files
            .take(MAX_LOOKS)
            .chain(std::iter::once_with(below).flatten());
        let found = candidates.find_map(|path| {
            budget.check().ok()?;
            let size = look(items, &path)?;
            (size.0.min(size.1) >= MIN_SIDE).then_some((path, size))
        });
        let Some((path, size)) = found else {
            return Self::drawing(folder);
        };
        let path = path
            .names()
            .fold(folder.clone(), |path, name| path.join(name));
        Self {
            picture: format!("{}?card", path.to_url()),
            size: Some(size),
            is_large: true,
            video: None,
        }
    }

    fn drawing(folder: &RequestPath) -> Self {
        Self {
            picture: format!("{}?cover", folder.to_url()),
            size: Some(DRAWING),
            is_large: true,
            video: None,
        }
    }
}

/// The size that a picture has on a card, if it can be shown there.
fn look(items: &Items, path: &RequestPath) -> Option<(u32, u32)> {
    let (photo, bytes) = with_file(items, path, |window| photo(window, false))?;
    let (width, height) = photo?.size?;
    let pixels = u64::from(width) * u64::from(height);
    (pixels <= MAX_PIXELS).then(|| thumbnail::card_size((width, height), bytes))
}

/// Looks at a file; returns what was found, and how long the file is.
fn with_file<T>(
    items: &Items,
    path: &RequestPath,
    look: impl FnOnce(&mut Window<'_>) -> T,
) -> Option<(T, u64)> {
    let (file, stamp) = items.source().open(path).ok()?;
    let read = |at: u64, buffer: &mut [u8]| read_at(&file, at, buffer);
    let mut window = Window::new(&read, stamp.size, READ_BYTES);
    Some((look(&mut window), stamp.size))
}
