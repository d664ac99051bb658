//! Tags of FLAC, Ogg Vorbis and Opus: Vorbis comments.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    tags::{Cover, Name, Sound},
    window::{Window, be32, be64},
};

/// How many comments are read, and the longest blocks of them.
const MAX_COMMENTS: u32 = 400;
const MAX_BLOCK: usize = 4 * 1024 * 1024;

/// The largest cover.
const MAX_COVER: u64 = 8 * 1024 * 1024;

/// How many blocks of a FLAC file are looked at, and pages of an Ogg file.
const MAX_BLOCKS: usize = 64;
const MAX_PAGES: usize = 400;

/// Where the last page of an Ogg file is looked for.
const OGG_END: usize = 64 * 1024;

const FIELDS: [(&str, Name); 9] = [
    ("TITLE", Name::Title),
    ("ARTIST", Name::Artist),
    ("ALBUM", Name::Album),
    ("ALBUMARTIST", Name::AlbumArtist),
    ("GENRE", Name::Genre),
    ("TRACKNUMBER", Name::Track),
    ("DISCNUMBER", Name::Disc),
    ("DATE", Name::Year),
    ("YEAR", Name::Year),
];

/// Reads the blocks of a FLAC file that begins at `start` (RFC 9639, section 8).
pub fn flac(window: &mut Window<'_>, start: u64, sound: &mut Sound) -> Option<()> {
    let mut at = start + 4;
    for _ in 0..MAX_BLOCKS {
        let head = window.bytes(at, 4)?;
        let length = u32::from_be_bytes([0, head[1], head[2], head[3]]);
        at += 4;
        match head[0] & 0x7f {
            0 => {
                let info = window.bytes(at, 18)?;
                let packed = be64(&info, 10)?;
                let (rate, samples) = (packed >> 44, packed & ((1 << 36) - 1));
                if rate > 0 && samples > 0 {
                    sound.duration = Some(samples as f64 / rate as f64);
                }
            }
            4 if length as usize <= MAX_BLOCK => {
                note_all(&window.bytes(at, length as usize)?, sound);
            }
            6 => {
                let head = window.up_to(at, (length as usize).min(1024))?;
                if let Some((skipped, length)) = flac_picture(&head, length.into())
                    && sound.cover.is_none()
                {
                    let from = at + skipped;
                    sound.cover = Some(Cover::Part { from, length });
                }
            }
            _ => {}
        }
        if head[0] & 0x80 != 0 {
            return Some(());
        }
        at += u64::from(length);
    }
    None
}

/// Where a picture begins in its block, and how long it is (RFC 9639, section 8.8).
fn flac_picture(block: &[u8], length: u64) -> Option<(u64, u64)> {
    let kind = be32(block, 4)? as usize;
    let description = be32(block, kind.checked_add(8)?)? as usize;
    let at = kind.checked_add(description)?.checked_add(12 + 16)?;
    let picture = u64::from(be32(block, at)?);
    let at = at as u64 + 4;
    (picture <= MAX_COVER && at.checked_add(picture)? <= length).then_some((at, picture))
}

/// Reads the second packet of an Ogg file, and where its sound ends (RFC 3533, RFC 7845).
pub fn ogg(window: &mut Window<'_>, sound: &mut Sound) -> Option<()> {
    let mut packets = Packets::default();
    while packets.done.len() < 2 {
        packets.read_page(window)?;
    }
    let (first, second) = (packets.done.first()?, packets.done.get(1)?);
    let rate = if first.starts_with(b"OpusHead") {
        note_all(second.strip_prefix(b"OpusTags")?, sound);
        48_000
    } else {
        note_all(second.strip_prefix(b"\x03vorbis")?, sound);
        u32::from_le_bytes(first.get(12..16)?.try_into().ok()?)
    };
    let end = window.size().saturating_sub(OGG_END as u64);
    let data = window.up_to(end, OGG_END)?;
    let last = data.windows(4).rposition(|bytes| bytes == b"OggS")?;
    let samples = u64::from_le_bytes(data.get(last + 6..last + 14)?.try_into().ok()?);
    if rate > 0 && samples < 1 << 48 {
        sound.duration = Some(samples as f64 / f64::from(rate));
    }
    Some(())
}

/// The packets at the start of an Ogg file.
#[derive(Default)]
struct Packets {
    at: u64,
    pages: usize,
    /// The one that is not whole yet.
    begun: Vec<u8>,
    done: Vec<Vec<u8>>,
}

impl Packets {
    fn read_page(&mut self, window: &mut Window<'_>) -> Option<()> {
        self.pages += 1;
        let head = window.bytes(self.at, 27)?;
        if !head.starts_with(b"OggS") || self.pages > MAX_PAGES {
            return None;
        }
        let lengths = window.bytes(self.at + 27, usize::from(head[26]))?;
        let length: usize = lengths.iter().map(|&length| usize::from(length)).sum();
        let data = window.bytes(self.at + 27 + lengths.len() as u64, length)?;
        self.at += (27 + lengths.len() + length) as u64;
        let mut rest = data.as_slice();
        for &length in &lengths {
            let (part, after) = rest.split_at_checked(length.into())?;
            rest = after;
            if self.begun.len() + part.len() > MAX_BLOCK {
                return None;
            }
            self.begun.extend_from_slice(part);
            if length < 255 {
                self.done.push(std::mem::take(&mut self.begun));
            }
        }
        Some(())
    }
}

/// Notes the comments in a block (Vorbis I, section 5).
fn note_all(block: &[u8], sound: &mut Sound) -> Option<()> {
    let mut rest = block;
    let number = |rest: &mut &[u8]| {
        let (bytes, after) = rest.split_first_chunk::<4>()?;
        *rest = after;
        Some(u32::from_le_bytes(*bytes))
    };
    let vendor = number(&mut rest)? as usize;
    rest = rest.get(vendor..)?;
    let count = number(&mut rest)?;
    for _ in 0..count.min(MAX_COMMENTS) {
        let length = number(&mut rest)? as usize;
        let (comment, after) = rest.split_at_checked(length)?;
        rest = after;
        let mut parts = comment.splitn(2, |&byte| byte == b'=');
        let (Some(key), Some(value)) = (parts.next(), parts.next()) else {
            continue;
        };
        let known = |name: &str| key.eq_ignore_ascii_case(name.as_bytes());
        if known("METADATA_BLOCK_PICTURE") && sound.cover.is_none() {
            sound.cover = embedded_picture(value).map(Cover::Bytes);
        } else if let Some((_, name)) = FIELDS.iter().find(|(name, _)| known(name)) {
            let value = value.get(..value.len().min(4096))?;
            sound.note(*name, &String::from_utf8_lossy(value));
        }
    }
    Some(())
}

fn embedded_picture(value: &[u8]) -> Option<Vec<u8>> {
    let block = STANDARD.decode(value).ok()?;
    let (from, length) = flac_picture(&block, block.len() as u64)?;
    let (from, length) = (usize::try_from(from).ok()?, usize::try_from(length).ok()?);
    Some(block.get(from..from.checked_add(length)?)?.to_vec())
}
