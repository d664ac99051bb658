//! Small pictures as WebP, which is smaller than JPEG.
//!
//! Only the encoder of libwebp is used, and only with pixels of our own, so no stranger's bytes reach it.

use std::borrow::Cow;

use image::{DynamicImage, GenericImageView};
use webp::{Encoder, PixelLayout, WebPConfig};

/// How long the encoder looks for the smallest form, from 0 to 6.
const METHOD: i32 = 4;

/// The same for a picture that fills a screen. More would take longer than sending what it saves.
const LARGE_METHOD: i32 = 2;

/// From this many pixels on, a picture is large.
const LARGE_PIXELS: u32 = 1_000_000;

/// In the chunk with what the file has: a colour profile.
const HAS_PROFILE: u8 = 1 << 5;

/// Length of the head of a file, and of a chunk.
const HEAD: usize = 12;
const CHUNK_HEAD: usize = 8;

/// A picture as lossy WebP; `None` if it can't be one.
pub fn encoded(picture: &DynamicImage, quality: u8, profile: Option<&[u8]>) -> Option<Vec<u8>> {
    let (width, height) = picture.dimensions();
    let (pixels, layout) = match picture {
        DynamicImage::ImageRgb8(pixels) => (Cow::Borrowed(pixels.as_raw()), PixelLayout::Rgb),
        DynamicImage::ImageRgba8(pixels) => (Cow::Borrowed(pixels.as_raw()), PixelLayout::Rgba),
        other if other.color().has_alpha() => {
            (Cow::Owned(other.to_rgba8().into_raw()), PixelLayout::Rgba)
        }
        other => (Cow::Owned(other.to_rgb8().into_raw()), PixelLayout::Rgb),
    };
    let mut config = WebPConfig::new().ok()?;
    config.quality = f32::from(quality);
    config.method = if width.saturating_mul(height) < LARGE_PIXELS {
        METHOD
    } else {
        LARGE_METHOD
    };
    let encoder = Encoder::new(&pixels, layout, width, height);
    let webp = encoder.encode_advanced(&config).ok()?;
    match profile {
        Some(profile) => with_profile(&webp, profile, (width, height)),
        None => Some(webp.to_vec()),
    }
}

/// The file with a colour profile, which comes before the picture (WebP Container Specification).
fn with_profile(webp: &[u8], profile: &[u8], (width, height): (u32, u32)) -> Option<Vec<u8>> {
    let chunks = webp.get(HEAD..)?;
    let has_extension = chunks.starts_with(b"VP8X");
    let mut extension = [0; 10];
    let rest = if has_extension {
        extension.copy_from_slice(chunks.get(CHUNK_HEAD..CHUNK_HEAD + 10)?);
        &chunks[CHUNK_HEAD + 10..]
    } else {
        extension[4..7].copy_from_slice(&width.checked_sub(1)?.to_le_bytes()[..3]);
        extension[7..10].copy_from_slice(&height.checked_sub(1)?.to_le_bytes()[..3]);
        chunks
    };
    extension[0] |= HAS_PROFILE;
    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    put_chunk(&mut out, *b"VP8X", &extension)?;
    put_chunk(&mut out, *b"ICCP", profile)?;
    out.extend_from_slice(rest);
    let length = u32::try_from(out.len() - CHUNK_HEAD).ok()?;
    out[4..8].copy_from_slice(&length.to_le_bytes());
    Some(out)
}

fn put_chunk(out: &mut Vec<u8>, name: [u8; 4], content: &[u8]) -> Option<()> {
    out.extend_from_slice(&name);
    out.extend_from_slice(&u32::try_from(content.len()).ok()?.to_le_bytes());
    out.extend_from_slice(content);
    if content.len() % 2 == 1 {
        out.push(0);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use image::{ImageDecoder, RgbImage, Rgba, RgbaImage, codecs::webp::WebPDecoder};

    use super::*;

    fn decoder(webp: &[u8]) -> WebPDecoder<std::io::Cursor<&[u8]>> {
        WebPDecoder::new(std::io::Cursor::new(webp)).unwrap()
    }

    #[test]
    fn colours_transparency_and_profile_are_kept() {
        let opaque = RgbImage::from_pixel(30, 20, image::Rgb([200, 40, 40]));
        let transparent = RgbaImage::from_fn(31, 21, |x, _| Rgba([0, 0, 200, (x * 8) as u8]));
        let grey = image::GrayImage::from_pixel(5, 7, image::Luma([90]));
        for picture in [DynamicImage::from(opaque), transparent.into(), grey.into()] {
            for profile in [None, Some(&b"a profile"[..]), Some(b"a profile.")] {
                let webp = encoded(&picture, 80, profile).unwrap();
                let mut decoder = decoder(&webp);
                assert_eq!(decoder.dimensions(), picture.dimensions());
                assert_eq!(decoder.icc_profile().unwrap().as_deref(), profile);
                let shown = DynamicImage::from_decoder(decoder).unwrap();
                let (before, after) = (picture.to_rgba8(), shown.to_rgba8());
                for (before, after) in before.pixels().zip(after.pixels()) {
                    assert!(before.0[3].abs_diff(after.0[3]) < 4);
                    for channel in 0..3 {
                        let is_seen = before.0[3] > 100;
                        let difference = before.0[channel].abs_diff(after.0[channel]);
                        assert!(!is_seen || difference < 12, "{before:?} {after:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_too_large_is_none() {
        assert_eq!(encoded(&RgbImage::new(16_384, 1).into(), 80, None), None);
        assert_eq!(encoded(&RgbImage::new(0, 0).into(), 80, None), None);
    }
}
