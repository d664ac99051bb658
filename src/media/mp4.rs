//! Tags of M4A and MP4: the metadata of iTunes, in the boxes of QuickTime.

use super::{
    boxes::{Place, at_path, find},
    tags::{Cover, Name, Sound},
    window::{Window, be16, be32, be64},
};

/// The longest text, and the largest cover.
const MAX_TEXT: usize = 4096;
const MAX_COVER: u64 = 8 * 1024 * 1024;

const FIELDS: [(&[u8; 4], Name); 6] = [
    (b"\xa9nam", Name::Title),
    (b"\xa9ART", Name::Artist),
    (b"\xa9alb", Name::Album),
    (b"aART", Name::AlbumArtist),
    (b"\xa9gen", Name::Genre),
    (b"\xa9day", Name::Year),
];

/// Reads the tags of a file and how long it plays.
pub fn read(window: &mut Window<'_>, sound: &mut Sound) -> Option<()> {
    let whole = Place::of_file(window);
    let movie = at_path(window, whole, &[b"moov"])?;
    sound.duration = at_path(window, movie, &[b"mvhd"])
        .and_then(|header| header.content(window, 200))
        .and_then(|header| duration(&header));
    find(window, movie, |window, kind, track| {
        if kind == b"trak" {
            let header = at_path(window, track, &[b"tkhd"]);
            let header = header.and_then(|header| header.content(window, 200));
            sound.size = sound.size.or(header.and_then(|header| track_size(&header)));
        }
        false
    });
    // Version and flags come first, except in files of QuickTime.
    let meta = at_path(window, movie, &[b"udta", b"meta"])?;
    let list = match meta
        .after(4)
        .and_then(|meta| at_path(window, meta, &[b"ilst"]))
    {
        Some(list) => list,
        None => at_path(window, meta, &[b"ilst"])?,
    };
    find(window, list, |window, kind, item| {
        note(window, *kind, item, sound);
        false
    });
    Some(())
}

fn note(window: &mut Window<'_>, kind: [u8; 4], item: Place, sound: &mut Sound) -> Option<()> {
    let is_number = matches!(&kind, b"trkn" | b"disk");
    let name = FIELDS.iter().find(|(known, _)| **known == kind);
    if !is_number && name.is_none() && kind != *b"covr" {
        return None;
    }
    // A type and a country come first.
    let value = at_path(window, item, &[b"data"])?.after(8)?;
    if is_number {
        let number = be16(&value.content(window, 16)?, 2)?;
        let number = (number > 0).then(|| u32::from(number));
        let kept = if kind == *b"trkn" {
            &mut sound.track
        } else {
            &mut sound.disc
        };
        *kept = kept.or(number);
    } else if let Some((_, name)) = name {
        let text = value.content(window, MAX_TEXT)?;
        sound.note(*name, &String::from_utf8_lossy(&text));
    } else if sound.cover.is_none() {
        let length = value.to - value.from;
        sound.cover = (1..=MAX_COVER).contains(&length).then_some(Cover::Part {
            from: value.from,
            length,
        });
    }
    Some(())
}

/// The size of a track in pixels, from the last numbers of its header; `None` if nothing is seen.
fn track_size(header: &[u8]) -> Option<(u32, u32)> {
    let at = header.len().checked_sub(8)?;
    // In units of which a pixel has 65,536.
    let size = (be32(header, at)? >> 16, be32(header, at + 4)? >> 16);
    (size.0 > 0 && size.1 > 0).then_some(size)
}

/// How long a movie plays, by its header.
fn duration(header: &[u8]) -> Option<f64> {
    let (scale, length) = match header.first()? {
        0 => (be32(header, 12)?, be32(header, 16)?.into()),
        _ => (be32(header, 20)?, be64(header, 24)?),
    };
    (scale > 0 && length < 1 << 48).then(|| length as f64 / f64::from(scale))
}
