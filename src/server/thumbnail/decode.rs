//! From the bytes of a picture to its pixels, within bounds.
//!
//! The bytes tell the format; the name of the file may lie. An animation is its first frame.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, Limits,
    codecs::{gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder},
    metadata::Orientation,
};

/// More pixels than this are not decoded.
const MAX_PIXELS: u64 = 64_000_000;

/// Nor what takes more memory than this while it is decoded.
const MAX_DECODED_BYTES: u64 = 256 * 1024 * 1024;

/// Nor a JPEG that makes its pixels so many times over; a usual one makes them ten times.
const MAX_SCANNED_PIXELS: u64 = 1_000_000_000;

/// The pixels of a picture as stored, and how to turn them. `None` if the data is not a picture
/// that can be decoded within the bounds.
pub fn picture(data: &[u8]) -> Option<(DynamicImage, Orientation)> {
    match data {
        [0xff, 0xd8, ..] => photo(data),
        [0x89, b'P', b'N', b'G', ..] => {
            let mut limits = Limits::default();
            limits.max_alloc = Some(MAX_DECODED_BYTES);
            decode(PngDecoder::with_limits(Cursor::new(data), limits).ok()?, 1)
        }
        [b'G', b'I', b'F', b'8', ..] => {
            let mut decoder = GifDecoder::new(Cursor::new(data)).ok()?;
            let mut limits = Limits::default();
            // The picture, and its first frame where that is another size.
            limits.max_alloc = Some(MAX_DECODED_BYTES / 2);
            decoder.set_limits(limits).ok()?;
            decode(decoder, 2)
        }
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => {
            if !has_modest_frames(data) {
                return None;
            }
            let decoder = WebPDecoder::new(Cursor::new(data)).ok()?;
            // The picture, a frame, and the canvas that frames are put on.
            let copies = if decoder.has_animation() { 3 } else { 2 };
            decode(decoder, copies)
        }
        _ => None,
    }
}

/// The pixels of a JPEG as stored, and how to turn them.
pub fn photo(data: &[u8]) -> Option<(DynamicImage, Orientation)> {
    let decoder = JpegDecoder::new(Cursor::new(data)).ok()?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels.saturating_mul(scans(data)) > MAX_SCANNED_PIXELS {
        return None;
    }
    decode(decoder, 1)
}

/// How many scans a JPEG has, at most. Each can take as long as decoding the whole picture.
fn scans(jpeg: &[u8]) -> u64 {
    let starts = jpeg.windows(2).filter(|pair| *pair == [0xff, 0xda]);
    starts.count() as u64
}

/// Whether no lossy frame of a WebP says that it is larger than what is decoded (RFC 9649,
/// section 2.5; RFC 6386, section 9.1). The decoder believes a frame before it compares it with
/// the size of the picture.
fn has_modest_frames(webp: &[u8]) -> bool {
    webp.windows(18).all(|window| match *window {
        [
            b'V',
            b'P',
            b'8',
            b' ',
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            0x9d,
            0x01,
            0x2a,
            w1,
            w2,
            h1,
            h2,
        ] => {
            let side = |low, high| u64::from(u16::from_le_bytes([low, high]) & 0x3fff);
            side(w1, w2) * side(h1, h2) <= MAX_PIXELS
        }
        _ => true,
    })
}

/// Decodes with a decoder that holds so many copies of the picture at a time.
fn decode(mut decoder: impl ImageDecoder, copies: u64) -> Option<(DynamicImage, Orientation)> {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let bytes = decoder.total_bytes();
    if pixels == 0 || pixels > MAX_PIXELS || bytes.saturating_mul(copies) > MAX_DECODED_BYTES {
        return None;
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).ok()?;
    Some((picture, orientation))
}

#[cfg(test)]
mod tests {
    use image::{
        ExtendedColorType, Frame, GenericImageView, ImageEncoder, Rgba, RgbaImage,
        codecs::{gif::GifEncoder, png::PngEncoder, webp::WebPEncoder},
    };
    use proptest::prelude::*;

    use super::*;

    /// EXIF data that says no more than an orientation.
    fn exif(orientation: u8) -> Vec<u8> {
        let mut tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        tiff.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
        tiff
    }

    fn plain(width: u32, height: u32, color: [u8; 4]) -> RgbaImage {
        RgbaImage::from_pixel(width, height, Rgba(color))
    }

    fn gif(frames: &[RgbaImage]) -> Vec<u8> {
        let mut gif = Vec::new();
        let mut encoder = GifEncoder::new(&mut gif);
        for frame in frames {
            encoder.encode_frame(Frame::new(frame.clone())).unwrap();
        }
        drop(encoder);
        gif
    }

    fn webp(orientation: u8) -> Vec<u8> {
        let mut webp = Vec::new();
        let mut encoder = WebPEncoder::new_lossless(&mut webp);
        encoder.set_exif_metadata(exif(orientation)).unwrap();
        let picture = plain(40, 30, [9, 99, 199, 255]);
        encoder
            .write_image(&picture, 40, 30, ExtendedColorType::Rgba8)
            .unwrap();
        webp
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
            let mut encoder = PngEncoder::new(&mut png);
            encoder.set_exif_metadata(exif(6)).unwrap();
            encoder
                .write_image(&vec![255; 40 * 30 * bytes], 40, 30, color)
                .unwrap();
            let (pixels, orientation) = picture(&png).unwrap();
            assert_eq!(pixels.dimensions(), (40, 30));
            assert_eq!(orientation, Orientation::Rotate90);
            assert!(
                pixels.as_bytes().iter().all(|&byte| byte == 255),
                "{color:?}"
            );
        }
    }

    #[test]
    fn an_animation_is_its_first_frame() {
        let red = plain(20, 10, [255, 0, 0, 255]);
        let blue = plain(20, 10, [0, 0, 255, 255]);
        let (pixels, orientation) = picture(&gif(&[red, blue])).unwrap();
        assert_eq!(pixels.dimensions(), (20, 10));
        assert_eq!(orientation, Orientation::NoTransforms);
        assert_eq!(pixels.get_pixel(0, 0), Rgba([255, 0, 0, 255]));
        // An animated WebP of two frames, each a WebP of its own.
        let frame = |color| {
            let mut webp = Vec::new();
            WebPEncoder::new_lossless(&mut webp)
                .write_image(&plain(20, 10, color), 20, 10, ExtendedColorType::Rgba8)
                .unwrap();
            webp[12..].to_vec()
        };
        let mut chunks = b"WEBPVP8X\x0a\0\0\0\x12\0\0\0\x13\0\0\x09\0\0".to_vec();
        chunks.extend(b"ANIM\x06\0\0\0\0\0\0\0\0\0");
        for color in [[255, 0, 0, 255], [0, 0, 255, 255]] {
            let content = frame(color);
            chunks.extend(b"ANMF");
            chunks.extend(u32::try_from(content.len() + 16).unwrap().to_le_bytes());
            chunks.extend(b"\0\0\0\0\0\0\x13\0\0\x09\0\0\x64\0\0\0");
            chunks.extend(content);
        }
        let mut webp = b"RIFF".to_vec();
        webp.extend(u32::try_from(chunks.len()).unwrap().to_le_bytes());
        webp.extend(chunks);
        let (pixels, _) = picture(&webp).unwrap();
        assert_eq!(pixels.dimensions(), (20, 10));
        // The canvas rounds.
        let Rgba([red, _, blue, _]) = pixels.get_pixel(0, 0);
        assert!(red > 250 && blue == 0);
    }

    #[test]
    fn a_webp_says_which_way_is_up() {
        let (pixels, orientation) = picture(&webp(8)).unwrap();
        assert_eq!(pixels.dimensions(), (40, 30));
        assert_eq!(orientation, Orientation::Rotate270);
        assert_eq!(pixels.get_pixel(0, 0), Rgba([9, 99, 199, 255]));
    }

    #[test]
    fn pictures_that_claim_to_be_huge_are_refused() {
        // The whole of it.
        let mut large = gif(&[plain(20, 10, [0; 4])]);
        large[6..10].copy_from_slice(&[0xff; 4]);
        assert_eq!(picture(&large), None);
        // One frame of it.
        let mut large = gif(&[plain(20, 10, [0; 4])]);
        let frame = large
            .windows(9)
            .position(|window| window == [0x2c, 0, 0, 0, 0, 20, 0, 10, 0]);
        large[frame.unwrap() + 5..][..4].copy_from_slice(&[0xff; 4]);
        assert_eq!(picture(&large), None);
        let frame = |width: u16| {
            let mut webp = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a".to_vec();
            webp.extend(width.to_le_bytes());
            webp.extend(width.to_le_bytes());
            webp
        };
        assert!(has_modest_frames(&frame(8000)));
        assert!(!has_modest_frames(&frame(16383)));
        assert_eq!(picture(&frame(16383)), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(
            changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
            end: usize,
        ) {
            let red = plain(20, 10, [255, 0, 0, 255]);
            for mut data in [webp(6), gif(&[red.clone(), red])] {
                for (at, value) in &changes {
                    let at = at % data.len();
                    data[at] = *value;
                }
                let _ = picture(&data);
                data.truncate(end % data.len());
                let _ = picture(&data);
            }
        }
    }
}
