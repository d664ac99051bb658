//! From a file to a small picture.

use std::fs::File;
use std::io::{self, Cursor};

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::PngDecoder;
use image::{ColorType, ExtendedColorType, ImageDecoder, Limits};

use super::Purpose;
use super::jpeg::{self, Head};
use super::scale::{Part, Pixels};
use crate::server::transport::read_at;

/// A larger file is not decoded.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Nor are more pixels.
const MAX_PIXELS: u64 = 64_000_000;

/// Nor what takes more memory than this when decoded.
const MAX_DECODED_BYTES: u64 = 256 * 1024 * 1024;

/// Nor a JPEG that makes its pixels so many times over; a usual one makes them ten times.
const MAX_SCANNED_PIXELS: u64 = 1_000_000_000;

/// Where a JPEG keeps its thumbnail: in a segment of at most 64 KiB, behind at most a few others.
const HEAD_BYTES: u64 = 192 * 1024;

/// A thumbnail with fewer pixels on its shorter side than this is too coarse for a tile.
const MIN_SIDE: u32 = 90;

const QUALITY: u8 = 78;

/// Makes the small picture, a JPEG; `None` if the file is no picture that can be decoded within
/// the bounds. May take up to a second or so.
///
/// # Errors
/// Those of reading the file.
pub fn picture(
    file: &File,
    size: u64,
    is_png: bool,
    purpose: Purpose,
) -> io::Result<Option<Vec<u8>>> {
    if is_png {
        return Ok(bounded(file, size)?.and_then(|data| {
            let pixels = decode_png(&data)?;
            encode(&pixels.shrunk(pixels.most(), purpose.short_side()))
        }));
    }
    let start = read(file, size.min(HEAD_BYTES))?;
    let Some(head) = jpeg::head(&start) else {
        return Ok(None);
    };
    if purpose == Purpose::Tile
        && let Some(own) = own_thumbnail(&start, &head)
    {
        return Ok(encode(&own));
    }
    drop(start);
    Ok(bounded(file, size)?.and_then(|data| {
        let pixels = decode_jpeg(&data)?;
        let small = pixels.shrunk(pixels.most(), purpose.short_side());
        encode(&small.upright(head.orientation))
    }))
}

/// The thumbnail in a JPEG's EXIF data, upright and without the bars that some cameras put round
/// it.
fn own_thumbnail(data: &[u8], head: &Head) -> Option<Pixels> {
    let pixels = decode_jpeg(data.get(head.thumbnail.clone()?)?)?;
    let part: Part = match head.size {
        Some((width, height)) if width > 0 && height > 0 => {
            let part = pixels.middle(u32::from(width), u32::from(height));
            // One that shows something else, such as a part of the picture, is not meant.
            if part.width * 10 < pixels.width * 7 || part.height * 10 < pixels.height * 7 {
                return None;
            }
            part
        }
        _ => pixels.most(),
    };
    if part.width.min(part.height) < MIN_SIDE {
        return None;
    }
    let pixels = pixels.shrunk(part, Purpose::Tile.short_side());
    Some(pixels.upright(head.orientation))
}

fn bounded(file: &File, size: u64) -> io::Result<Option<Vec<u8>>> {
    if size > MAX_BYTES {
        return Ok(None);
    }
    read(file, size).map(Some)
}

fn read(file: &File, size: u64) -> io::Result<Vec<u8>> {
    // At most MAX_BYTES.
    let mut data = vec![0; size as usize];
    let read = read_at(file, 0, &mut data)?;
    data.truncate(read);
    Ok(data)
}

fn decode_jpeg(data: &[u8]) -> Option<Pixels> {
    let (width, height) = jpeg::head(data)?.size?;
    let pixels = u64::from(width) * u64::from(height);
    if pixels * jpeg::scans(data) as u64 > MAX_SCANNED_PIXELS {
        return None;
    }
    decode(JpegDecoder::new(Cursor::new(data)).ok()?)
}

fn decode_png(data: &[u8]) -> Option<Pixels> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    decode(PngDecoder::with_limits(Cursor::new(data), limits).ok()?)
}

fn decode(decoder: impl ImageDecoder) -> Option<Pixels> {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let bytes = decoder.total_bytes();
    if pixels == 0 || pixels > MAX_PIXELS || bytes > MAX_DECODED_BYTES {
        return None;
    }
    let (channels, is_wide) = match decoder.color_type() {
        ColorType::L8 => (1, false),
        ColorType::La8 => (2, false),
        ColorType::Rgb8 => (3, false),
        ColorType::Rgba8 => (4, false),
        ColorType::L16 => (1, true),
        ColorType::La16 => (2, true),
        ColorType::Rgb16 => (3, true),
        ColorType::Rgba16 => (4, true),
        _ => return None,
    };
    // At most MAX_DECODED_BYTES.
    let mut data = vec![0; bytes as usize];
    decoder.read_image(&mut data).ok()?;
    if is_wide {
        // Sixteen bits a channel, in the machine's own order.
        data = data
            .chunks_exact(2)
            .map(|pair| (u16::from_ne_bytes([pair[0], pair[1]]) >> 8) as u8)
            .collect();
    }
    Some(Pixels {
        data,
        width,
        height,
        channels,
    })
}

fn encode(pixels: &Pixels) -> Option<Vec<u8>> {
    let mut jpeg = Vec::with_capacity(32 * 1024);
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode(
            &pixels.data,
            pixels.width,
            pixels.height,
            ExtendedColorType::Rgb8,
        )
        .ok()?;
    Some(jpeg)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::thumbnail::jpeg::tests::with_exif;
    use image::ImageEncoder;
    use image::codecs::png::PngEncoder;
    use std::io::Write;

    /// Red on the left, blue on the right.
    fn flag(width: u32, height: u32) -> Pixels {
        let data = (0..width * height).flat_map(|index| {
            if index % width < width / 2 {
                [200, 0, 0]
            } else {
                [0, 0, 200]
            }
        });
        Pixels {
            data: data.collect(),
            width,
            height,
            channels: 3,
        }
    }

    fn made(content: &[u8], is_png: bool, purpose: Purpose) -> Option<Pixels> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        let made = picture(&file, content.len() as u64, is_png, purpose).unwrap();
        made.map(|jpeg| decode_jpeg(&jpeg).unwrap())
    }

    fn color(pixels: &Pixels, x: u32, y: u32) -> &str {
        let at = ((y * pixels.width + x) * 3) as usize;
        match pixels.data[at..at + 3]
            .iter()
            .map(|channel| channel / 100)
            .collect::<Vec<_>>()[..]
        {
            [1 | 2, 0, 0] => "red",
            [0, 0, 1 | 2] => "blue",
            _ => "other",
        }
    }

    #[test]
    fn a_large_picture_becomes_small() {
        let jpeg = encode(&flag(1200, 800)).unwrap();
        let small = made(&jpeg, false, Purpose::Tile).unwrap();
        assert_eq!((small.width, small.height), (480, 320));
        assert_eq!(
            (color(&small, 20, 160), color(&small, 460, 160)),
            ("red", "blue")
        );
    }

    #[test]
    fn the_orientation_is_respected() {
        let jpeg = encode(&flag(1200, 800)).unwrap();
        let turned = with_exif(&jpeg, 6, b"");
        let small = made(&turned, false, Purpose::Tile).unwrap();
        assert_eq!((small.width, small.height), (320, 480));
        assert_eq!(
            (color(&small, 160, 20), color(&small, 160, 460)),
            ("red", "blue")
        );
    }

    #[test]
    fn the_thumbnail_of_a_photo_is_used_for_tiles_alone() {
        let jpeg = encode(&Pixels {
            data: vec![0; 1200 * 800 * 3],
            width: 1200,
            height: 800,
            channels: 3,
        });
        let own = encode(&flag(160, 120)).unwrap();
        let photo = with_exif(&jpeg.unwrap(), 1, &own);
        let small = made(&photo, false, Purpose::Tile).unwrap();
        // Its bars above and below are cut off.
        assert_eq!((small.width, small.height), (160, 106));
        assert_eq!(
            (color(&small, 10, 50), color(&small, 150, 50)),
            ("red", "blue")
        );
        let large = made(&photo, false, Purpose::Preview).unwrap();
        assert_eq!((large.width, large.height), (945, 630));
        assert_eq!(color(&large, 10, 50), "other");
    }

    #[test]
    fn every_form_of_png_can_be_read() {
        for (color, bytes) in [
            (ExtendedColorType::L8, 1),
            (ExtendedColorType::La8, 2),
            (ExtendedColorType::Rgb8, 3),
            (ExtendedColorType::Rgba8, 4),
            (ExtendedColorType::L16, 2),
            (ExtendedColorType::Rgba16, 8),
        ] {
            let mut png = Vec::new();
            PngEncoder::new(&mut png)
                .write_image(&vec![255; 40 * 30 * bytes], 40, 30, color)
                .unwrap();
            let small = made(&png, true, Purpose::Tile).unwrap();
            assert_eq!((small.width, small.height), (40, 30));
            assert!(small.data.iter().all(|&byte| byte > 250), "{color:?}");
        }
    }

    #[test]
    fn what_is_no_picture_or_too_much_of_one_is_refused() {
        assert_eq!(made(b"", false, Purpose::Tile), None);
        assert_eq!(made(b"\xff\xd8\xff", false, Purpose::Tile), None);
        assert_eq!(made(b"GIF89a", true, Purpose::Tile), None);
        let mut jpeg = encode(&flag(64, 64)).unwrap();
        // A size that the data has not: 60,000 by 60,000 pixels.
        let frame = jpeg
            .windows(2)
            .position(|pair| pair == [0xff, 0xc0])
            .unwrap();
        jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
        assert_eq!(made(&jpeg, false, Purpose::Tile), None);
        // Many scans over many pixels.
        let mut jpeg = encode(&flag(2000, 2000)).unwrap();
        for _ in 0..300 {
            jpeg.extend([0xff, 0xda]);
        }
        assert_eq!(made(&jpeg, false, Purpose::Tile), None);
    }
}
