//! From a file to a small picture.

use std::{fs::File, io};

use image::{
    DynamicImage, ExtendedColorType, GenericImageView, RgbImage, codecs::jpeg::JpegEncoder,
    metadata::Orientation,
};

use super::{
    budget, cost, decode,
    embedded::{Embedded, embedded},
    purpose::Purpose,
    scale,
};
use crate::server::transport::read_at;

/// Larger files are not decoded.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Where a JPEG has its thumbnail: in a segment of at most 64 KiB, after a few others at most.
const HEAD_BYTES: u64 = 192 * 1024;

/// A thumbnail with fewer pixels on its shorter side than this is too coarse for a tile.
const MIN_SIDE: u32 = 90;

const QUALITY: u8 = 78;

/// The memory that `glance` takes: the start of the file and copies of it, EXIF data and the
/// camera's thumbnail.
pub const GLANCE_BYTES: u64 = 16 * 1024 * 1024;

/// The part of this for decoding the camera's thumbnail.
const MAX_OWN_BYTES: u64 = 8 * 1024 * 1024;

/// The memory for what is made from the pixels: two small pictures, one of them rotated, and a
/// JPEG.
const SMALL_PICTURE_BYTES: u64 = 12 * 1024 * 1024;

/// The result of an attempt to make a small picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// A JPEG; `None` if the file can't be decoded within the limits.
    Made(Option<Vec<u8>>),
    /// It needs this many bytes of memory.
    Needs(u64),
}

/// Makes the small picture from the start of the file if possible. Takes `GLANCE_BYTES` of memory.
///
/// # Errors
/// Those of reading the file.
pub fn glance(file: &File, size: u64, purpose: Purpose) -> io::Result<Attempt> {
    let start = read(file, size.min(HEAD_BYTES))?;
    if purpose == Purpose::Tile
        && let Some(own) = embedded(&start).as_ref().and_then(own_thumbnail)
    {
        return Ok(Attempt::Made(encode(&own)));
    }
    if size > MAX_BYTES {
        return Ok(Attempt::Made(None));
    }
    // The exact number can only be found in the whole file.
    let hint = cost::hint(&start).map_or(budget::MAX_BYTES, |bytes| bytes + besides(size));
    Ok(Attempt::Needs(hint.min(budget::MAX_BYTES)))
}

/// Makes the small picture if that takes no more memory than `reserved`. May take about a second.
///
/// # Errors
/// Those of reading the file.
pub fn picture(file: &File, size: u64, purpose: Purpose, reserved: u64) -> io::Result<Attempt> {
    if besides(size) > reserved {
        return Ok(Attempt::Needs(besides(size)));
    }
    let data = read(file, size)?;
    let Some(bytes) = cost::exact(&data).map(|bytes| bytes.saturating_add(besides(size))) else {
        return Ok(Attempt::Made(None));
    };
    if bytes > budget::MAX_BYTES {
        return Ok(Attempt::Made(None));
    }
    if bytes > reserved {
        return Ok(Attempt::Needs(bytes));
    }
    Ok(Attempt::Made(decoded(&data, purpose)))
}

/// Decodes a picture and shrinks it to a small JPEG.
pub fn shrunk(data: &[u8], purpose: Purpose) -> Option<Vec<u8>> {
    if cost::exact(data)? > budget::MAX_BYTES {
        return None;
    }
    decoded(data, purpose)
}

/// The memory needed besides decoding: for the file, and for what is made from the pixels.
pub fn besides(size: u64) -> u64 {
    size.saturating_add(SMALL_PICTURE_BYTES)
}

fn decoded(data: &[u8], purpose: Purpose) -> Option<Vec<u8>> {
    let (picture, orientation) = decode::picture(data)?;
    let part = scale::most(picture.dimensions());
    let small = scale::shrunk(&picture, part, purpose.short_side());
    encode(&upright(small, orientation))
}

/// The thumbnail in a JPEG's EXIF data, upright and without the bars that some cameras add.
fn own_thumbnail(embedded: &Embedded) -> Option<RgbImage> {
    if cost::jpeg::bytes(&embedded.thumbnail)? > MAX_OWN_BYTES {
        return None;
    }
    let (thumbnail, _) = decode::photo(&embedded.thumbnail)?;
    let (width, height) = thumbnail.dimensions();
    let part = scale::middle((width, height), embedded.size.0, embedded.size.1);
    // With other proportions it shows something else, such as a part of the picture.
    if part.width * 10 < width * 7 || part.height * 10 < height * 7 {
        return None;
    }
    if part.width.min(part.height) < MIN_SIDE {
        return None;
    }
    let small = scale::shrunk(&thumbnail, part, Purpose::Tile.short_side());
    Some(upright(small, embedded.orientation))
}

fn upright(picture: RgbImage, orientation: Orientation) -> RgbImage {
    let mut picture = DynamicImage::from(picture);
    picture.apply_orientation(orientation);
    picture.into_rgb8()
}

fn read(file: &File, size: u64) -> io::Result<Vec<u8>> {
    // At most MAX_BYTES.
    let mut data = vec![0; size as usize];
    let read = read_at(file, 0, &mut data)?;
    data.truncate(read);
    Ok(data)
}

fn encode(picture: &RgbImage) -> Option<Vec<u8>> {
    let (width, height) = picture.dimensions();
    let mut jpeg = Vec::with_capacity(32 * 1024);
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode(picture, width, height, ExtendedColorType::Rgb8)
        .ok()?;
    Some(jpeg)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use image::Rgb;

    use super::*;
    use crate::server::thumbnail::embedded::tests::with_exif;

    /// Red on the left, blue on the right.
    fn flag(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, _| {
            if x < width / 2 {
                Rgb([200, 0, 0])
            } else {
                Rgb([0, 0, 200])
            }
        })
    }

    fn made(content: &[u8], purpose: Purpose) -> Option<RgbImage> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        let size = content.len() as u64;
        let mut attempt = glance(&file, size, purpose).unwrap();
        if let Attempt::Needs(bytes) = attempt {
            attempt = picture(&file, size, purpose, bytes).unwrap();
        }
        let Attempt::Made(made) = attempt else {
            panic!("the start of the file told too little: {attempt:?}");
        };
        made.map(|jpeg| decode::photo(&jpeg).unwrap().0.into_rgb8())
    }

    fn color(picture: &RgbImage, x: u32, y: u32) -> &str {
        match picture.get_pixel(x, y).0.map(|channel| channel / 100) {
            [1 | 2, 0, 0] => "red",
            [0, 0, 1 | 2] => "blue",
            _ => "other",
        }
    }

    #[test]
    fn a_large_picture_becomes_small() {
        let jpeg = encode(&flag(1200, 800)).unwrap();
        let small = made(&jpeg, Purpose::Tile).unwrap();
        assert_eq!(small.dimensions(), (480, 320));
        assert_eq!(
            (color(&small, 20, 160), color(&small, 460, 160)),
            ("red", "blue")
        );
    }

    #[test]
    fn the_orientation_is_respected() {
        let jpeg = encode(&flag(1200, 800)).unwrap();
        let turned = with_exif(&jpeg, 6, b"");
        let small = made(&turned, Purpose::Tile).unwrap();
        assert_eq!(small.dimensions(), (320, 480));
        assert_eq!(
            (color(&small, 160, 20), color(&small, 160, 460)),
            ("red", "blue")
        );
    }

    #[test]
    fn the_thumbnail_of_a_photo_is_used_for_tiles_alone() {
        let jpeg = encode(&RgbImage::new(1200, 800));
        let own = encode(&flag(160, 120)).unwrap();
        let photo = with_exif(&jpeg.unwrap(), 1, &own);
        let small = made(&photo, Purpose::Tile).unwrap();
        // The bars above and below are cut off.
        assert_eq!(small.dimensions(), (160, 106));
        assert_eq!(
            (color(&small, 10, 50), color(&small, 150, 50)),
            ("red", "blue")
        );
        let sharp = made(&photo, Purpose::Sharp).unwrap();
        assert_eq!(sharp.dimensions(), (480, 320));
        assert_eq!(color(&sharp, 10, 50), "other");
        let large = made(&photo, Purpose::Preview).unwrap();
        assert_eq!(large.dimensions(), (945, 630));
        assert_eq!(color(&large, 10, 50), "other");
    }

    #[test]
    fn anything_but_a_picture_of_modest_size_is_refused() {
        assert_eq!(made(b"", Purpose::Tile), None);
        assert_eq!(made(b"\xff\xd8\xff", Purpose::Tile), None);
        assert_eq!(made(b"GIF89a", Purpose::Tile), None);
        let mut jpeg = encode(&flag(64, 64)).unwrap();
        // It claims a size of 60,000 by 60,000 pixels.
        let frame = jpeg
            .windows(2)
            .position(|pair| pair == [0xff, 0xc0])
            .unwrap();
        jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
        assert_eq!(made(&jpeg, Purpose::Tile), None);
        // Many scans over many pixels.
        let mut jpeg = encode(&flag(2000, 2000)).unwrap();
        for _ in 0..300 {
            jpeg.extend([0xff, 0xda]);
        }
        assert_eq!(made(&jpeg, Purpose::Tile), None);
    }
}
