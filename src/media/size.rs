//! How many pixels a picture has, by its first bytes.

use super::window::{be16, be32};

/// The size of a JPEG, PNG, GIF or WebP as stored: its width and height.
pub fn pixels(head: &[u8]) -> Option<(u32, u32)> {
    let size = if head.starts_with(&[0xff, 0xd8]) {
        return jpeg(head);
    } else if head.starts_with(b"\x89PNG") {
        (be32(head, 16)?, be32(head, 20)?)
    } else if head.starts_with(b"GIF8") {
        (le16(head, 6)?, le16(head, 8)?)
    } else if head.starts_with(b"RIFF") && head.get(8..12)? == b"WEBP" {
        webp(head)?
    } else {
        return None;
    };
    (size.0 > 0 && size.1 > 0).then_some(size)
}

/// The size of a JPEG that can be shown: not one without losses, as RAW files have them.
pub fn jpeg(head: &[u8]) -> Option<(u32, u32)> {
    if !head.starts_with(&[0xff, 0xd8]) {
        return None;
    }
    let mut at = 2;
    loop {
        if *head.get(at)? != 0xff {
            return None;
        }
        match *head.get(at + 1)? {
            0xff => at += 1,
            0xc0..=0xc2 => {
                let size: (u32, u32) = (be16(head, at + 7)?.into(), be16(head, at + 5)?.into());
                return (size.0 > 0 && size.1 > 0).then_some(size);
            }
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf | 0xd8..=0xda => return None,
            _ => at += 2 + usize::from(be16(head, at + 2)?).max(2),
        }
    }
}

fn webp(head: &[u8]) -> Option<(u32, u32)> {
    match head.get(12..16)? {
        b"VP8 " => Some((le16(head, 26)? & 0x3fff, le16(head, 28)? & 0x3fff)),
        b"VP8L" => {
            let bits = le16(head, 21)? | le16(head, 23)? << 16;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8X" => {
            let side = |at| Some((le16(head, at)? | u32::from(*head.get(at + 2)?) << 16) + 1);
            Some((side(24)?, side(27)?))
        }
        _ => None,
    }
}

fn le16(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?).into())
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};

    use super::*;

    #[test]
    fn the_size_is_found_in_every_format() {
        let plain: DynamicImage = RgbImage::new(300, 70).into();
        let clear: DynamicImage = RgbaImage::new(300, 70).into();
        for (picture, format) in [
            (&plain, ImageFormat::Jpeg),
            (&plain, ImageFormat::Png),
            (&clear, ImageFormat::Gif),
            (&clear, ImageFormat::WebP),
        ] {
            let mut file = std::io::Cursor::new(Vec::new());
            picture.write_to(&mut file, format).unwrap();
            let file = file.into_inner();
            assert_eq!(pixels(&file), Some((300, 70)), "{format:?}");
            for end in 0..file.len().min(200) {
                let _ = pixels(&file[..end]);
            }
        }
    }
}
