//! Where pictures have their EXIF data.

use super::{
    boxes::{self, Place},
    tiff::Order,
    window::{Window, be16, be32},
};

/// What some programs write in front of EXIF data outside of JPEGs, too.
const JPEG_PREFIX: &[u8] = b"Exif\0\0";

/// Where the EXIF data of a picture is: its TIFF part. In a TIFF, and so in most RAW files, that is the
/// whole file.
pub fn exif_part(window: &mut Window<'_>) -> Option<Place> {
    let head = window.up_to(0, 128)?;
    if head.starts_with(&[0xff, 0xd8]) {
        in_jpeg(window, 0)
    } else if head.starts_with(b"\x89PNG") {
        in_chunks(window, 8, b"eXIf", true)
    } else if head.starts_with(b"RIFF") {
        in_chunks(window, 12, b"EXIF", false)
    } else if Order::of(&head).is_some() {
        Some(Place::of_file(window))
    } else if head.starts_with(b"FUJIFILMCCD-RAW") {
        in_jpeg(window, be32(&head, 84)?.into())
    } else if head.get(4..8) == Some(b"ftyp") {
        boxes::heic_exif(window)
    } else {
        None
    }
}

/// In a segment of the JPEG that begins here.
fn in_jpeg(window: &mut Window<'_>, start: u64) -> Option<Place> {
    let mut at = start.checked_add(2)?;
    loop {
        let head = window.up_to(at, 4 + JPEG_PREFIX.len())?;
        let (marker, length) = (be16(&head, 0)?, u64::from(be16(&head, 2)?));
        if marker < 0xffc0 || marker == 0xffda || length < 2 {
            return None;
        }
        let segment = Place {
            from: at + 4,
            to: at + 2 + length,
        };
        if marker == 0xffe1 && head.get(4..) == Some(JPEG_PREFIX) {
            return segment.after(JPEG_PREFIX.len() as u64);
        }
        at = segment.to;
    }
}

/// In a chunk of a PNG, which has its length first, or of a RIFF file. It may come after the picture.
fn in_chunks(
    window: &mut Window<'_>,
    mut at: u64,
    wanted: &[u8; 4],
    is_png: bool,
) -> Option<Place> {
    loop {
        let head = window.bytes(at, 8)?;
        let (kind_at, length) = if is_png {
            (4, be32(&head, 0)?)
        } else {
            (0, be32(&head, 4)?.swap_bytes())
        };
        let content = Place {
            from: at + 8,
            to: at + 8 + u64::from(length),
        };
        if &head[kind_at..kind_at + 4] == wanted {
            let start = window.up_to(content.from, JPEG_PREFIX.len())?;
            let skipped = if start == JPEG_PREFIX { start.len() } else { 0 };
            return content.after(skipped as u64);
        }
        let padding = if is_png { 4 } else { u64::from(length & 1) };
        at = content.to + padding;
    }
}
