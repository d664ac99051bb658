//! Pictures in TIFF files: the memory that decoding one takes, and its pixels.
//!
//! This calls the decoder behind `image` directly, because `image` keeps the pixels twice, and trusts
//! what a JPEG inside says about its size. JPEGs inside are found as those of RAW files are.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, RgbImage, RgbaImage, metadata::Orientation};
use tiff::{
    ColorType,
    decoder::{Decoder, DecodingResult, Limits},
    tags::Tag,
};

use super::profile;

/// Pictures with more pixels are not decoded.
const MAX_PIXELS: u64 = 64_000_000;

/// The longest field of the directory that is read, and what all fields take: each number of a field
/// takes 32 bytes while it is read.
const MAX_FIELD: usize = 256 * 1024;
const FIELDS_BYTES: u64 = 24 * 1024 * 1024;

/// A picture in parallel planes.
const PLANAR: u16 = 2;

/// A decoded picture.
pub struct Picture {
    pub pixels: DynamicImage,
    pub orientation: Orientation,
    /// The ICC profile of its colours, unless they are sRGB.
    pub profile: Option<Vec<u8>>,
}

/// What pixels consist of.
struct Layout {
    width: u32,
    height: u32,
    colors: ColorType,
    samples: u64,
    sample_bytes: u64,
}

impl Layout {
    fn of(decoder: &mut Decoder<Cursor<&[u8]>>) -> Option<Self> {
        let (width, height) = decoder.dimensions().ok()?;
        let colors = decoder.colortype().ok()?;
        let (samples, bits) = match colors {
            ColorType::Gray(bits) => (1, bits),
            ColorType::RGB(bits) => (3, bits),
            ColorType::RGBA(bits) | ColorType::CMYK(bits) => (4, bits),
            _ => return None,
        };
        let planes = decoder.find_tag_unsigned(Tag::PlanarConfiguration).ok()?;
        if !matches!(bits, 8 | 16) || (samples > 1 && planes == Some(PLANAR)) {
            return None;
        }
        let layout = Self {
            width,
            height,
            colors,
            samples,
            sample_bytes: u64::from(bits) / 8,
        };
        (1..=MAX_PIXELS)
            .contains(&layout.pixels())
            .then_some(layout)
    }

    fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// The bytes of all pixels, as they are in the file.
    fn bytes(&self) -> u64 {
        self.pixels() * self.samples * self.sample_bytes
    }
}

/// The most bytes that decoding can take; `None` if the picture can't be decoded.
pub fn bytes(tiff: &[u8]) -> Option<u64> {
    let layout = Layout::of(&mut decoder(tiff)?)?;
    // And at eight bits a sample.
    Some(layout.bytes() + layout.pixels() * layout.samples + FIELDS_BYTES)
}

/// Decodes a picture, to eight bits a sample.
pub fn picture(tiff: &[u8]) -> Option<Picture> {
    let mut decoder = decoder(tiff)?;
    let layout = Layout::of(&mut decoder)?;
    let turned: Option<u16> = decoder.find_tag_unsigned(Tag::Orientation).ok()?;
    let turned = turned.and_then(|turned| u8::try_from(turned).ok());
    // The numbers of pictures for printing are not kept.
    let has_profile = !matches!(layout.colors, ColorType::CMYK(_));
    let profile = has_profile.then(|| decoder.get_tag_u8_vec(Tag::IccProfile).ok());
    let samples = match decoder.read_image().ok()? {
        DecodingResult::U8(samples) => samples,
        DecodingResult::U16(samples) => {
            let high = samples.into_iter().map(|sample| (sample >> 8) as u8);
            high.collect()
        }
        _ => return None,
    };
    if samples.len() as u64 != layout.pixels() * layout.samples {
        return None;
    }
    let (width, height) = (layout.width, layout.height);
    let pixels: DynamicImage = match layout.colors {
        ColorType::Gray(_) => GrayImage::from_raw(width, height, samples)?.into(),
        ColorType::RGB(_) => RgbImage::from_raw(width, height, samples)?.into(),
        ColorType::RGBA(_) => RgbaImage::from_raw(width, height, samples)?.into(),
        _ => RgbImage::from_raw(width, height, printed(samples))?.into(),
    };
    Some(Picture {
        pixels,
        orientation: turned
            .and_then(Orientation::from_exif)
            .unwrap_or(Orientation::NoTransforms),
        profile: profile.flatten().and_then(profile::worth_keeping),
    })
}

fn decoder(tiff: &[u8]) -> Option<Decoder<Cursor<&[u8]>>> {
    let mut limits = Limits::default();
    limits.ifd_value_size = MAX_FIELD;
    // Nothing in it is longer than the file.
    limits.intermediate_buffer_size = tiff.len();
    Some(Decoder::new(Cursor::new(tiff)).ok()?.with_limits(limits))
}

/// About what cyan, magenta, yellow and black look like on paper, in place of them.
fn printed(mut samples: Vec<u8>) -> Vec<u8> {
    let pixels = samples.len() / 4;
    for pixel in 0..pixels {
        let light = u16::from(u8::MAX - samples[4 * pixel + 3]);
        for color in 0..3 {
            let ink = u16::from(u8::MAX - samples[4 * pixel + color]);
            // A product of two shares is one.
            samples[3 * pixel + color] = (ink * light / 255) as u8;
        }
    }
    samples.truncate(3 * pixels);
    samples
}

#[cfg(test)]
pub mod tests {
    use image::{GenericImageView, Rgba};
    use proptest::prelude::*;
    use tiff::encoder::{Compression, DeflateLevel, TiffEncoder, colortype};

    use super::*;

    fn encoded<C: colortype::ColorType>(
        (width, height): (u32, u32),
        samples: &[C::Inner],
        compression: Compression,
    ) -> Vec<u8>
    where
        [C::Inner]: tiff::encoder::TiffValue,
    {
        let mut file = Cursor::new(Vec::new());
        let encoder = TiffEncoder::new(&mut file).unwrap();
        let mut encoder = encoder.with_compression(compression);
        let mut picture = encoder.new_image::<C>(width, height).unwrap();
        picture.rows_per_strip(7).unwrap();
        picture
            .encoder()
            .write_tag(Tag::Orientation, 6_u16)
            .unwrap();
        picture.write_data(samples).unwrap();
        file.into_inner()
    }

    /// A picture of one colour.
    pub fn plain(width: u32, height: u32, color: [u8; 3]) -> Vec<u8> {
        let samples = color.repeat((width * height) as usize);
        let compression = Compression::Deflate(DeflateLevel::Fast);
        encoded::<colortype::RGB8>((width, height), &samples, compression)
    }

    #[test]
    fn what_people_save_can_be_read() {
        let first = |tiff: &[u8]| {
            let Picture {
                pixels,
                orientation,
                ..
            } = picture(tiff).unwrap();
            assert_eq!(pixels.dimensions(), (40, 30));
            assert_eq!(orientation, Orientation::Rotate90);
            assert!(bytes(tiff).unwrap() > 1200);
            assert_eq!(pixels.get_pixel(0, 0), pixels.get_pixel(39, 29));
            pixels.get_pixel(0, 0)
        };
        let size = (40, 30);
        for compression in [
            Compression::Uncompressed,
            Compression::Lzw,
            Compression::Packbits,
            Compression::Deflate(DeflateLevel::Balanced),
        ] {
            let rgb = [9, 99, 199].repeat(1200);
            let rgb = encoded::<colortype::RGB8>(size, &rgb, compression);
            assert_eq!(first(&rgb), Rgba([9, 99, 199, 255]));
            let grey = encoded::<colortype::Gray16>(size, &[0x7fff; 1200], compression);
            assert_eq!(first(&grey), Rgba([0x7f, 0x7f, 0x7f, 255]));
            let clear = [9, 99, 199, 50].repeat(1200);
            let clear = encoded::<colortype::RGBA8>(size, &clear, compression);
            assert_eq!(first(&clear), Rgba([9, 99, 199, 50]));
            let inks = [0, 255, 0, 51].repeat(1200);
            let inks = encoded::<colortype::CMYK8>(size, &inks, compression);
            assert_eq!(first(&inks), Rgba([204, 0, 204, 255]));
        }
    }

    #[test]
    fn a_picture_that_claims_to_be_huge_is_refused() {
        let mut tiff = plain(40, 30, [1, 2, 3]);
        let width = [0x00, 0x01, 0x04, 0, 1, 0, 0, 0, 40, 0, 0, 0];
        let at = tiff.windows(12).position(|field| field == width).unwrap();
        tiff[at + 8..at + 12].copy_from_slice(&0x0fff_ffff_u32.to_le_bytes());
        assert_eq!(bytes(&tiff), None);
        assert!(picture(&tiff).is_none());
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(
            changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
            end: usize, is_late: bool,
        ) {
            let mut tiff = plain(40, 30, [1, 2, 3]);
            // The directory is at the end.
            let start = if is_late { tiff.len().saturating_sub(250) } else { 0 };
            for (at, value) in changes {
                let length = tiff.len() - start;
                tiff[start + at % length] = value;
            }
            let _ = bytes(&tiff);
            let _ = picture(&tiff);
            tiff.truncate(end % tiff.len());
            let _ = picture(&tiff);
        }
    }
}
