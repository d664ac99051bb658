//! The JPEGs inside RAW files, Photoshop documents and HEIC pictures.

use super::{
    boxes::{self, Place},
    size,
    tiff::{Directory, Order},
    window::{Window, be16, be32},
};

/// How many bytes of the start of a JPEG are looked at.
const JPEG_HEAD: usize = 64 * 1024;

/// A longer part is not a JPEG for people to look at.
const MAX_JPEG: u64 = 64 * 1024 * 1024;

/// The id of the box in which a CR3 file has its preview.
const CR3_PREVIEW: [u8; 16] = [
    0xea, 0xf4, 0x2b, 0x5e, 0x1c, 0x98, 0x4b, 0x88, 0xb9, 0xfb, 0xb7, 0xdc, 0x40, 0x6e, 0x4d, 0x16,
];

/// A JPEG inside a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inside {
    pub from: u64,
    pub length: u64,
    /// Its size in pixels.
    pub size: (u32, u32),
    /// How the picture is turned, as EXIF has it, if the file around it says so.
    pub orientation: Option<u8>,
}

/// Finds the JPEGs inside a file, the smallest first.
pub fn inside(window: &mut Window<'_>) -> Vec<Inside> {
    let Some(head) = window.up_to(0, 128) else {
        return Vec::new();
    };
    let mut orientation = None;
    let parts = if let Some((order, first)) = Order::of(&head) {
        let directories = order.directories(window, first);
        let turned = directories.iter().find_map(|each| each.number(0x0112));
        orientation = turned.and_then(|turned| u8::try_from(turned).ok());
        of_raw(window, order, &directories)
    } else if head.starts_with(b"FUJIFILMCCD-RAW") {
        of_fuji(&head).into_iter().collect()
    } else if head.starts_with(b"8BPS") {
        of_photoshop(window).into_iter().collect()
    } else if head.get(4..12) == Some(b"ftypcrx ") {
        of_cr3(window).into_iter().collect()
    } else if head.get(4..8) == Some(b"ftyp") {
        let (turned, part) = of_heic(window).unzip();
        orientation = turned.flatten();
        part.into_iter().collect()
    } else {
        Vec::new()
    };
    let mut found: Vec<_> = parts
        .into_iter()
        .filter_map(|(from, length)| {
            let length = length.min(window.size().checked_sub(from)?);
            let size = (length <= MAX_JPEG).then(|| size_of(window, from, length))??;
            Some(Inside {
                from,
                length,
                size,
                orientation,
            })
        })
        .collect();
    found.sort_by_key(|inside| u64::from(inside.size.0) * u64::from(inside.size.1));
    found
}

/// Where the directories of a RAW file say that there are JPEGs.
fn of_raw(window: &mut Window<'_>, order: Order, directories: &[Directory]) -> Vec<(u64, u64)> {
    let mut parts = Vec::new();
    for directory in directories {
        let pair = |from, length| Some((directory.number(from)?, directory.number(length)?));
        parts.extend(pair(0x0201, 0x0202));
        // One strip that is compressed as a JPEG.
        if matches!(directory.number(0x0103), Some(6 | 7)) {
            let strips = directory.field(0x0111).map_or(0, |field| field.count);
            parts.extend((strips == 1).then(|| pair(0x0111, 0x0117)).flatten());
        }
        // Panasonic.
        if let Some(field) = directory.field(0x002e).filter(|field| field.count > 4) {
            parts.push((field.at, field.count.into()));
        }
        if let Some(field) = directory.field(0x927c) {
            parts.extend(of_olympus(window, order, field.at));
        }
    }
    parts
}

/// The preview that Olympus keeps in its notes.
fn of_olympus(window: &mut Window<'_>, order: Order, at: u64) -> Option<(u64, u64)> {
    let head = window.bytes(at, 12)?;
    if !head.starts_with(b"OLYMPUS\0") && !head.starts_with(b"OM SYSTEM") {
        return None;
    }
    let start = if head.starts_with(b"OM") { 16 } else { 12 };
    let order = Order { base: at, ..order };
    let notes = order.directory(window, start)?;
    let settings = notes.field(0x2020)?;
    let settings = match settings.numbers.first() {
        Some(settings) => *settings,
        None => settings.at.checked_sub(at)?,
    };
    let settings = order.directory(window, settings)?;
    let from = settings.number(0x0101)?.checked_add(at)?;
    Some((from, settings.number(0x0102)?))
}

fn of_fuji(head: &[u8]) -> Option<(u64, u64)> {
    Some((be32(head, 84)?.into(), be32(head, 88)?.into()))
}

/// The thumbnail among the resources of a Photoshop document.
fn of_photoshop(window: &mut Window<'_>) -> Option<(u64, u64)> {
    let colors = be32(&window.bytes(26, 4)?, 0)?;
    let mut at = 30 + u64::from(colors);
    let resources = be32(&window.bytes(at, 4)?, 0)?;
    at += 4;
    let end = at + u64::from(resources);
    while at < end {
        let head = window.up_to(at, 272)?;
        if !head.starts_with(b"8BIM") {
            return None;
        }
        // The name's length and characters are an even number of bytes.
        let name = (usize::from(*head.get(6)?) + 2) & !1;
        let length = be32(&head, 6 + name)?;
        let content = at + 10 + name as u64;
        if be16(&head, 4)? == 1036 {
            return Some((content + 28, u64::from(length).checked_sub(28)?));
        }
        at = content + ((u64::from(length) + 1) & !1);
    }
    None
}

fn of_cr3(window: &mut Window<'_>) -> Option<(u64, u64)> {
    let whole = Place::of_file(window);
    let preview = boxes::with_id(window, whole, CR3_PREVIEW)?;
    let head = window.up_to(preview.from, 128)?;
    let start = head
        .windows(3)
        .position(|bytes| bytes == [0xff, 0xd8, 0xff])?;
    let from = preview.from + start as u64;
    Some((from, preview.to.checked_sub(from)?))
}

/// The thumbnail in the EXIF data of a HEIC picture, and how it is turned.
fn of_heic(window: &mut Window<'_>) -> Option<(Option<u8>, (u64, u64))> {
    let exif = boxes::heic_exif(window)?;
    let (order, first) = Order::of(&window.bytes(exif.from, 8)?)?;
    let order = Order {
        base: exif.from,
        ..order
    };
    let directories = order.directories(window, first);
    let turned = directories.iter().find_map(|each| each.number(0x0112));
    let thumbnail = directories.iter().find_map(|directory| {
        let from = directory.number(0x0201)?.checked_add(exif.from)?;
        Some((from, directory.number(0x0202)?))
    });
    Some((
        turned.and_then(|turned| u8::try_from(turned).ok()),
        thumbnail?,
    ))
}

/// The size of a JPEG that can be shown: not one without losses, as RAW files have them.
fn size_of(window: &mut Window<'_>, from: u64, length: u64) -> Option<(u32, u32)> {
    let head = window.up_to(from, JPEG_HEAD.min(usize::try_from(length).ok()?))?;
    size::jpeg(&head)
}
