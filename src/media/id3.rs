//! Tags of MP3 (ID3v2.2 to 2.4), and how long an MP3 plays.

use super::{
    tags::{Cover, Name, Sound},
    window::{Window, be16, be32},
};

/// The longest tag whose frames are looked at, and the most of them.
const MAX_TAG: u64 = 32 * 1024 * 1024;
const MAX_FRAMES: usize = 300;

/// The longest frame of text, and the largest cover.
const MAX_TEXT: usize = 16 * 1024;
const MAX_COVER: u64 = 8 * 1024 * 1024;

/// How much of a cover's frame is in front of its picture at most.
const COVER_HEAD: usize = 512;

/// Bytes in which the first frame of sound is looked for.
const SEARCHED: usize = 16 * 1024;

const FIELDS: [(&[u8], &[u8], Name); 9] = [
    (b"TIT2", b"TT2", Name::Title),
    (b"TPE1", b"TP1", Name::Artist),
    (b"TALB", b"TAL", Name::Album),
    (b"TPE2", b"TP2", Name::AlbumArtist),
    (b"TCON", b"TCO", Name::Genre),
    (b"TRCK", b"TRK", Name::Track),
    (b"TPOS", b"TPA", Name::Disc),
    (b"TDRC", b"TYE", Name::Year),
    (b"TYER", b"TYE", Name::Year),
];

/// Reads the tag at the start of a file, and returns where it ends.
pub fn read(window: &mut Window<'_>, sound: &mut Sound) -> Option<u64> {
    let head = window.bytes(0, 10)?;
    let (version, flags) = (head[3], head[5]);
    let end = 10 + u64::from(synchsafe(&head[6..10])?);
    if !(2..=4).contains(&version) || end > MAX_TAG {
        return Some(end);
    }
    // Bytes were added everywhere, so that the numbers below are wrong. Programs stopped doing that.
    let is_scattered = flags & 0x80 != 0 && version < 4;
    if !is_scattered {
        let mut at = 10;
        if flags & 0x40 != 0 && version > 2 {
            let extended = window.bytes(at, 4)?;
            at += match version {
                3 => u64::from(be32(&extended, 0)?) + 4,
                _ => u64::from(synchsafe(&extended)?),
            };
        }
        frames(window, version, at, end, sound);
    }
    Some(end)
}

fn frames(
    window: &mut Window<'_>,
    version: u8,
    mut at: u64,
    end: u64,
    sound: &mut Sound,
) -> Option<()> {
    for _ in 0..MAX_FRAMES {
        let header = if version == 2 { 6 } else { 10 };
        if at + header >= end {
            return None;
        }
        let head = window.bytes(at, header as usize)?;
        let (id, length, flags) = match version {
            2 => (
                &head[..3],
                u32::from_be_bytes([0, head[3], head[4], head[5]]),
                0,
            ),
            3 => (&head[..4], be32(&head, 4)?, be16(&head, 8)? & 0xc0),
            _ => (&head[..4], synchsafe(&head[4..8])?, be16(&head, 8)? & 0x0e),
        };
        if id[0] == 0 {
            return None;
        }
        let from = at + header;
        at = from + u64::from(length);
        if at > end {
            return None;
        }
        // Compressed, encrypted, or with more bytes in between.
        if flags != 0 {
            continue;
        }
        if matches!(id, b"APIC" | b"PIC") {
            let cover = cover(window, id, from, length.into());
            sound.cover = sound.cover.take().or(cover);
        } else if let Some((.., name)) = FIELDS
            .iter()
            .find(|(long, short, _)| id == *long || id == *short)
            && let Some(data) = window.bytes(from, (length as usize).min(MAX_TEXT))
        {
            sound.note(*name, &text(&data));
        }
    }
    None
}

/// Where the picture is in a frame: behind its type and a description.
fn cover(window: &mut Window<'_>, id: &[u8], from: u64, length: u64) -> Option<Cover> {
    let head = window.up_to(from, COVER_HEAD.min(usize::try_from(length).ok()?))?;
    let is_wide = matches!(*head.first()?, 1 | 2);
    let mut at = if id.len() == 3 {
        4
    } else {
        2 + head.get(1..)?.iter().position(|&byte| byte == 0)?
    };
    at += 1;
    let description = head.get(at..)?;
    at += if is_wide {
        2 + 2 * description
            .chunks_exact(2)
            .position(|pair| pair == [0, 0])?
    } else {
        1 + description.iter().position(|&byte| byte == 0)?
    };
    let length = length.checked_sub(at as u64)?;
    (length <= MAX_COVER).then_some(Cover::Part {
        from: from + at as u64,
        length,
    })
}

/// The first text in a frame.
fn text(data: &[u8]) -> String {
    let Some((encoding, data)) = data.split_first() else {
        return String::new();
    };
    let text = match encoding {
        0 => data.iter().map(|&byte| char::from(byte)).collect(),
        1 | 2 => {
            let (is_little, data) = match data {
                [0xff, 0xfe, rest @ ..] => (true, rest),
                [0xfe, 0xff, rest @ ..] => (false, rest),
                data => (*encoding == 1, data),
            };
            let units = data.chunks_exact(2).map(|pair| {
                let pair = [pair[0], pair[1]];
                if is_little {
                    u16::from_le_bytes(pair)
                } else {
                    u16::from_be_bytes(pair)
                }
            });
            let units: Vec<u16> = units.take_while(|&unit| unit != 0).collect();
            String::from_utf16_lossy(&units)
        }
        _ => String::from_utf8_lossy(data).into_owned(),
    };
    // Several texts have a zero between them.
    text.split('\0').next().unwrap_or_default().to_owned()
}

/// A number with seven bits in each byte.
fn synchsafe(bytes: &[u8]) -> Option<u32> {
    let bytes = bytes.get(..4)?;
    let plain = bytes.iter().all(|byte| byte & 0x80 == 0);
    plain.then(|| {
        bytes
            .iter()
            .fold(0, |number, &byte| number << 7 | u32::from(byte))
    })
}

/// Notes how long the sound behind the tag plays, if its first frame tells.
pub fn measure(window: &mut Window<'_>, start: u64, sound: &mut Sound) -> Option<()> {
    let data = window.up_to(start, SEARCHED)?;
    let at = data
        .windows(2)
        .position(|pair| pair[0] == 0xff && pair[1] & 0xe6 == 0xe2)?;
    let frame = Frame::of(data.get(at..)?)?;
    // How many frames there are, if the program that wrote it says so.
    let count = data.get(at + 4..at + 200).and_then(|side| {
        let tag = side
            .windows(4)
            .position(|tag| matches!(tag, b"Xing" | b"Info"))?;
        let has_count = side.get(tag + 7)? & 1 == 1;
        has_count.then(|| be32(side, tag + 8))?
    });
    let bytes = window.size().checked_sub(start)?;
    sound.duration = Some(match count {
        Some(count) => f64::from(count) * frame.samples / frame.rate,
        None => bytes as f64 * 8.0 / frame.bits,
    });
    Some(())
}

/// What the header of a frame of layer III says.
struct Frame {
    samples: f64,
    /// Samples and bits in a second.
    rate: f64,
    bits: f64,
}

impl Frame {
    fn of(head: &[u8]) -> Option<Self> {
        const FIRST: [u32; 14] = [
            32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
        ];
        const SECOND: [u32; 14] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
        let (version, third) = (head.get(1)? >> 3 & 3, *head.get(2)?);
        let rate = *[44_100, 48_000, 32_000].get(usize::from(third >> 2 & 3))?;
        let place = usize::from(third >> 4).checked_sub(1)?;
        let (rate, bits, samples) = match version {
            3 => (rate, FIRST.get(place)?, 1152.0),
            2 => (rate / 2, SECOND.get(place)?, 576.0),
            0 => (rate / 4, SECOND.get(place)?, 576.0),
            _ => return None,
        };
        Some(Self {
            samples,
            rate: f64::from(rate),
            bits: f64::from(*bits) * 1000.0,
        })
    }
}
