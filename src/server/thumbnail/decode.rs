//! From the bytes of a picture to its pixels.
//!
//! Callers know the cost: see `cost`. Only the first frame of an animation is decoded.

use image::{
    DynamicImage, GrayAlphaImage, GrayImage, ImageDecoder, Limits, RgbImage, RgbaImage,
    codecs::{gif::GifDecoder, webp::WebPDecoder},
    metadata::Orientation,
};
use png::Transformations;
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use super::{
    coarse,
    cost::{jpeg, png as png_cost, webp},
    format::Format,
    in_time::InTime,
    profile, tiff,
};

/// Pictures with more pixels are not decoded.
const MAX_PIXELS: u64 = 64_000_000;

/// Nor are JPEGs whose scans have more pixels in total. A typical progressive JPEG has ten scans.
const MAX_SCANNED_PIXELS: u64 = 1_000_000_000;

/// A picture as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    pub pixels: DynamicImage,
    pub orientation: Orientation,
    /// The ICC profile of its colours, unless they are sRGB.
    pub profile: Option<Vec<u8>>,
}

/// Decodes a picture; `None` if that is impossible.
pub fn picture(data: &[u8]) -> Option<Decoded> {
    match Format::of(data)? {
        Format::Jpeg => photo(data),
        Format::Png => png(data),
        Format::Gif => {
            let mut decoder = GifDecoder::new(InTime::new(data)).ok()?;
            let mut limits = Limits::default();
            // For a frame whose size is not that of the picture.
            limits.max_alloc = Some(MAX_PIXELS * 4);
            decoder.set_limits(limits).ok()?;
            Some(Decoded {
                pixels: pixels(decoder)?,
                orientation: Orientation::NoTransforms,
                profile: None,
            })
        }
        Format::WebP => {
            let orientation = webp::exif(data).and_then(Orientation::from_exif_chunk);
            let decoder = WebPDecoder::new(InTime::new(data)).ok()?;
            let profile = webp::profile(data).map(<[u8]>::to_vec);
            Some(Decoded {
                pixels: pixels(decoder)?,
                orientation: orientation.unwrap_or(Orientation::NoTransforms),
                profile: profile.and_then(profile::worth_keeping),
            })
        }
        Format::Tiff => {
            let tiff::Picture {
                pixels,
                orientation,
                profile,
            } = tiff::picture(data)?;
            Some(Decoded {
                pixels,
                orientation,
                profile,
            })
        }
    }
}

/// Decodes a JPEG.
///
/// This calls the decoder behind `image` directly, because `image` copies the whole file.
pub fn photo(data: &[u8]) -> Option<Decoded> {
    let header = jpeg::Header::of(data)?;
    let pixels = modest(header.width, header.height)?;
    if pixels.saturating_mul(scans(data)) > MAX_SCANNED_PIXELS {
        return None;
    }
    let mut decoder = jpeg_decoder(data);
    decoder.decode_headers().ok()?;
    let (width, height) = decoder.dimensions()?;
    if (width as u64, height as u64) != (header.width, header.height) {
        return None;
    }
    let colors = decoder.input_colorspace()?;
    let is_grey = colors == ColorSpace::Luma;
    // The numbers of other pictures, such as those for printing, are not kept.
    let profile = matches!(colors, ColorSpace::YCbCr | ColorSpace::RGB)
        .then(|| decoder.icc_profile())
        .flatten();
    if is_grey {
        decoder.set_options(jpeg_options().jpeg_set_out_colorspace(ColorSpace::Luma));
    }
    let orientation = jpeg_orientation(&decoder);
    let mut buffer = vec![0; decoder.output_buffer_size()?];
    decoder.decode_into(&mut buffer).ok()?;
    // Both are u16.
    let (width, height) = (width as u32, height as u32);
    let picture = if is_grey {
        GrayImage::from_raw(width, height, buffer)?.into()
    } else {
        RgbImage::from_raw(width, height, buffer)?.into()
    };
    Some(Decoded {
        pixels: picture,
        orientation,
        profile: profile.and_then(profile::worth_keeping),
    })
}

/// Decodes a JPEG at an eighth of its size, however large it is.
pub fn coarse(data: &[u8]) -> Option<Decoded> {
    let pixels = coarse::eighth(data)?;
    let mut decoder = jpeg_decoder(data);
    // Without its headers there is only the picture.
    let is_known = decoder.decode_headers().is_ok();
    Some(Decoded {
        orientation: jpeg_orientation(&decoder),
        profile: if is_known && pixels.color().has_color() {
            decoder.icc_profile().and_then(profile::worth_keeping)
        } else {
            None
        },
        pixels,
    })
}

fn jpeg_options() -> DecoderOptions {
    DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX)
}

fn jpeg_decoder(data: &[u8]) -> JpegDecoder<ZCursor<&[u8]>> {
    JpegDecoder::new_with_options(ZCursor::new(data), jpeg_options())
}

fn jpeg_orientation(decoder: &JpegDecoder<ZCursor<&[u8]>>) -> Orientation {
    let exif = decoder.exif();
    exif.and_then(|exif| Orientation::from_exif_chunk(exif))
        .unwrap_or(Orientation::NoTransforms)
}

/// The most scans that a JPEG can have. Each can take as long as decoding the whole picture.
fn scans(jpeg: &[u8]) -> u64 {
    let starts = jpeg.windows(2).filter(|pair| *pair == [0xff, 0xda]);
    starts.count() as u64
}

/// Decodes a PNG, to eight bits a channel.
///
/// This calls the decoder behind `image` directly, because `image` decompresses text and colour
/// profiles of any size.
fn png(data: &[u8]) -> Option<Decoded> {
    let header = png_cost::Header::of(data)?;
    let mut decoder = png::Decoder::new(InTime::new(data));
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let (width, height) = decoder.read_header_info().ok()?.size();
    modest(width.into(), height.into())?;
    // A row of at most four bytes per pixel counts as well.
    let bytes = png_cost::MAX_METADATA_BYTES + 4 * width as usize;
    decoder.set_limits(png::Limits { bytes });
    let mut reader = decoder.read_info().ok()?;
    let length = reader.output_buffer_size()?;
    if length as u64 > header.pixel_bytes()? {
        return None;
    }
    let orientation = reader
        .info()
        .exif_metadata
        .as_ref()
        .and_then(|exif| Orientation::from_exif_chunk(exif))
        .unwrap_or(Orientation::NoTransforms);
    let mut buffer = vec![0; length];
    reader.next_frame(&mut buffer).ok()?;
    let picture: DynamicImage = match reader.output_color_type().0 {
        png::ColorType::Grayscale => GrayImage::from_raw(width, height, buffer)?.into(),
        png::ColorType::GrayscaleAlpha => GrayAlphaImage::from_raw(width, height, buffer)?.into(),
        png::ColorType::Rgb => RgbImage::from_raw(width, height, buffer)?.into(),
        png::ColorType::Rgba => RgbaImage::from_raw(width, height, buffer)?.into(),
        // It has been expanded.
        png::ColorType::Indexed => return None,
    };
    let profile = picture
        .color()
        .has_color()
        .then(|| png_cost::metadata(data, b"iCCP"))
        .flatten();
    Some(Decoded {
        pixels: picture,
        orientation,
        profile: profile
            .and_then(profile::unpacked)
            .and_then(profile::worth_keeping),
    })
}

fn pixels(decoder: impl ImageDecoder) -> Option<DynamicImage> {
    let (width, height) = decoder.dimensions();
    modest(width.into(), height.into())?;
    DynamicImage::from_decoder(decoder).ok()
}

/// The number of pixels, unless there are too many to decode.
fn modest(width: u64, height: u64) -> Option<u64> {
    let pixels = width.checked_mul(height)?;
    (1..=MAX_PIXELS).contains(&pixels).then_some(pixels)
}

#[cfg(test)]
mod tests {
    use image::{
        ExtendedColorType, Frame, GenericImageView, ImageEncoder, Rgba, RgbaImage,
        codecs::{gif::GifEncoder, png::PngEncoder, webp::WebPEncoder},
    };
    use proptest::prelude::*;

    use super::*;

    /// EXIF data with nothing but an orientation.
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
            let Decoded {
                pixels,
                orientation,
                ..
            } = picture(&png).unwrap();
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
        let Decoded {
            pixels,
            orientation,
            ..
        } = picture(&gif(&[red, blue])).unwrap();
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
        let Decoded { pixels, .. } = picture(&webp).unwrap();
        assert_eq!(pixels.dimensions(), (20, 10));
        // Drawing on the canvas rounds.
        let Rgba([red, _, blue, _]) = pixels.get_pixel(0, 0);
        assert!(red > 250 && blue == 0);
    }

    #[test]
    fn the_orientation_of_a_webp_is_found() {
        let Decoded {
            pixels,
            orientation,
            ..
        } = picture(&webp(8)).unwrap();
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
