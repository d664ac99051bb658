//! The memory that the png crate takes, without text and colour profiles, at eight bits a channel.

/// No more metadata than this is read.
pub const MAX_METADATA_BYTES: usize = 1024 * 1024;

/// The headers of a PNG (PNG specification, third edition, section 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    width: u64,
    height: u64,
    /// Bits per pixel in the file.
    bits: u64,
    /// Channels of a decoded pixel, one byte each.
    channels: u64,
}

/// The most bytes that decoding can take.
pub fn bytes(png: &[u8]) -> Option<u64> {
    let header = Header::of(png)?;
    let row = header.width.checked_mul(header.bits)?.div_ceil(8) + 1;
    // Decompressed data is buffered up to a few rows, and the buffer doubles as it grows.
    let rows = row.checked_mul(12)?.checked_add(2 * header.row_bytes()?)?;
    // A growing buffer takes both the old and the new memory, and the metadata is copied out of it.
    let metadata = 3 * MAX_METADATA_BYTES as u64;
    header
        .pixel_bytes()?
        .checked_add(rows)?
        .checked_add(metadata)
}

/// The content of the first chunk of this kind in front of the pixels.
pub fn metadata<'a>(png: &'a [u8], wanted: &[u8; 4]) -> Option<&'a [u8]> {
    let mut at = 8;
    loop {
        let (kind, content, next) = chunk(png, at)?;
        if kind == *wanted {
            return Some(content);
        }
        if kind == *b"IDAT" {
            return None;
        }
        at = next;
    }
}

impl Header {
    /// Reads the headers, up to the pixels or to the end of the data.
    pub fn of(png: &[u8]) -> Option<Self> {
        let (kind, header, mut at) = chunk(png, 8)?;
        if kind != *b"IHDR" || header.len() != 13 {
            return None;
        }
        let (depth, color) = (u64::from(header[8]), header[9]);
        let (samples, channels) = match color {
            0 => (1, 1),
            2 => (3, 3),
            3 => (1, 3),
            4 => (2, 2),
            6 => (4, 4),
            _ => return None,
        };
        let mut is_transparent = true;
        while let Some((kind, _, next)) = chunk(png, at) {
            if kind == *b"tRNS" {
                break;
            }
            if kind == *b"IDAT" {
                is_transparent = false;
                break;
            }
            at = next;
        }
        // If an IDAT chunk is cut off, its header is still there.
        if png.get(at + 4..at + 8) == Some(b"IDAT") {
            is_transparent = false;
        }
        let adds_alpha = is_transparent && color & 4 == 0;
        Some(Self {
            width: be32(header, 0)?.into(),
            height: be32(header, 4)?.into(),
            bits: samples * depth,
            channels: channels + u64::from(adds_alpha),
        })
    }

    /// The bytes of all decoded pixels.
    pub fn pixel_bytes(&self) -> Option<u64> {
        self.row_bytes()?.checked_mul(self.height)
    }

    fn row_bytes(&self) -> Option<u64> {
        self.width.checked_mul(self.channels)
    }
}

/// The kind and the data of a chunk, and where the next one starts.
fn chunk(png: &[u8], at: usize) -> Option<([u8; 4], &[u8], usize)> {
    let length = be32(png, at)? as usize;
    let kind = png.get(at + 4..at + 8)?.try_into().ok()?;
    let end = (at + 8).checked_add(length)?;
    Some((kind, png.get(at + 8..end)?, end.checked_add(4)?))
}

fn be32(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(color: u8, depth: u8, chunks: &[&[u8; 4]]) -> Vec<u8> {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x03\xe8\0\0\x07\xd0".to_vec();
        png.extend([depth, color, 0, 0, 0, 1, 2, 3, 4]);
        for kind in chunks {
            png.extend([0, 0, 0, 1]);
            png.extend(*kind);
            png.extend([0, 1, 2, 3, 4]);
        }
        png
    }

    #[test]
    fn a_pixel_takes_a_byte_per_channel() {
        let pixels = 1000 * 2000;
        for (color, depth, chunks, channels) in [
            (0, 1, &[b"IDAT"][..], 1),
            (0, 16, &[b"tRNS", b"IDAT"], 2),
            (2, 8, &[b"gAMA", b"IDAT"], 3),
            (2, 8, &[b"gAMA"], 4),
            (3, 8, &[b"PLTE", b"tRNS", b"IDAT"], 4),
            (6, 16, &[b"IDAT"], 4),
        ] {
            let png = png(color, depth, chunks);
            let header = Header::of(&png).unwrap();
            assert_eq!(
                header.pixel_bytes(),
                Some(pixels * channels),
                "{color} {depth}"
            );
            assert!(bytes(&png).unwrap() < pixels * channels + 4_000_000);
        }
    }

    #[test]
    fn a_row_counts_several_times() {
        let mut png = png(6, 16, &[b"IDAT"]);
        png[16..20].copy_from_slice(&60_000_000_u32.to_be_bytes());
        png[20..24].copy_from_slice(&1_u32.to_be_bytes());
        assert!(bytes(&png).unwrap() > 60_000_000 * 8 * 12);
        png[16..24].fill(0xff);
        assert_eq!(bytes(&png), None);
    }
}
