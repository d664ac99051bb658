//! Pictures in TIFF files: the memory that decoding one takes, and its pixels.
//!
//! This calls the decoder behind `image` directly, because `image` keeps the pixels twice, and trusts
//! what a JPEG inside says about its size. JPEGs inside are found as those of RAW files are.

use image::{DynamicImage, GrayImage, RgbImage, RgbaImage, metadata::Orientation};
use tiff::{
    ColorType,
    decoder::{ChunkType, Decoder, DecodingResult, Limits},
    tags::Tag,
};

use super::{in_time::InTime, profile};

/// Pictures with more pixels are not decoded.
const MAX_PIXELS: u64 = 64_000_000;

/// The longest field of the directory that is read, and what all fields take: each number of a field
/// takes 32 bytes while it is read.
const MAX_FIELD: usize = 256 * 1024;
const FIELDS_BYTES: u64 = 24 * 1024 * 1024;

/// A picture in parallel planes.
const PLANAR: u16 = 2;

/// Samples that are whole numbers without a sign. Others give no picture.
const WHOLE_NUMBERS: u16 = 1;

/// The most samples of a pixel, those included that say nothing about its colour.
const MAX_SAMPLES: u16 = 16;

/// Tiles may be larger than what they show, because it ends in the middle of them: by this many times, and
/// these pixels.
const MAX_PADDING: u64 = 4;
const MAX_TILE: u64 = 4096 * 4096;

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
    /// The bytes of one row of a tile or strip, as they are in the file.
    row_bytes: u64,
}

impl Layout {
    /// The layout of the picture in a file of `size` bytes; `None` if there is none that can be decoded at a
    /// cost in proportion to what it shows.
    fn of(decoder: &mut Decoder<InTime>, size: usize) -> Option<Self> {
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
        let formats: Option<Vec<u16>> = decoder.find_tag_unsigned_vec(Tag::SampleFormat).ok()?;
        let are_whole = formats.is_none_or(|each| each.iter().all(|&one| one == WHOLE_NUMBERS));
        let all_samples = decoder.find_tag_unsigned(Tag::SamplesPerPixel).ok()?;
        let all_samples: u16 = all_samples.unwrap_or(1);
        if !are_whole || all_samples > MAX_SAMPLES || packed(decoder)? > size as u64 {
            return None;
        }
        let sample_bytes = u64::from(bits) / 8;
        let layout = Self {
            width,
            height,
            colors,
            samples,
            sample_bytes,
            row_bytes: u64::from(decoder.chunk_dimensions().0)
                * u64::from(all_samples)
                * sample_bytes,
        };
        let pixels = layout.pixels();
        let is_modest = (1..=MAX_PIXELS).contains(&pixels)
            && padded(decoder, width, height)? <= pixels * MAX_PADDING + MAX_TILE;
        is_modest.then_some(layout)
    }

    fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// The bytes of all pixels, as they are in the file.
    fn bytes(&self) -> u64 {
        self.pixels() * self.samples * self.sample_bytes
    }
}

/// The bytes of all tiles or strips in the file. In one that is sound, none is used twice.
fn packed(decoder: &mut Decoder<InTime>) -> Option<u64> {
    let tag = match decoder.get_chunk_type() {
        ChunkType::Strip => Tag::StripByteCounts,
        ChunkType::Tile => Tag::TileByteCounts,
    };
    let sizes: Vec<u64> = decoder.find_tag_unsigned_vec(tag).ok()?.unwrap_or_default();
    Some(sizes.into_iter().fold(0, u64::saturating_add))
}

/// How many pixels all tiles or strips have. `None` if they have none.
fn padded(decoder: &Decoder<InTime>, width: u32, height: u32) -> Option<u64> {
    let (chunk_width, mut chunk_height) = decoder.chunk_dimensions();
    if matches!(decoder.get_chunk_type(), ChunkType::Strip) {
        // A strip of any height ends with the picture.
        chunk_height = chunk_height.min(height);
    }
    let filled = |side: u32, chunk: u32| {
        let chunks = u64::from(side).div_ceil(u64::from(chunk).max(1));
        chunks.checked_mul(chunk.into())
    };
    filled(width, chunk_width)?.checked_mul(filled(height, chunk_height)?)
}

/// The most bytes that decoding can take; `None` if the picture can't be decoded.
pub fn bytes(tiff: &[u8]) -> Option<u64> {
    let layout = Layout::of(&mut decoder(tiff)?, tiff.len())?;
    // And at eight bits a sample.
    let pixels = layout.bytes() + layout.pixels() * layout.samples;
    Some(pixels + layout.row_bytes + FIELDS_BYTES)
}

/// Decodes a picture, to eight bits a sample.
pub fn picture(tiff: &[u8]) -> Option<Picture> {
    let mut decoder = decoder(tiff)?;
    let layout = Layout::of(&mut decoder, tiff.len())?;
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

fn decoder(tiff: &[u8]) -> Option<Decoder<InTime<'_>>> {
    let mut limits = Limits::default();
    limits.ifd_value_size = MAX_FIELD;
    // Nothing in it is longer than the file.
    limits.intermediate_buffer_size = tiff.len();
    Some(Decoder::new(InTime::new(tiff)).ok()?.with_limits(limits))
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
    use std::io::Cursor;

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

    /// A TIFF whose fields are (tag, type, values), and whose only tile or strip has these bytes, from byte 8 on.
    fn with_fields(fields: &[(u16, u16, Vec<u32>)], data: &[u8]) -> Vec<u8> {
        let mut tiff = b"II*\0".to_vec();
        tiff.extend((8 + data.len() as u32).to_le_bytes());
        tiff.extend(data);
        let after = tiff.len() + 2 + 12 * fields.len() + 4;
        let mut long = Vec::new();
        tiff.extend((fields.len() as u16).to_le_bytes());
        for (tag, kind, values) in fields {
            tiff.extend(tag.to_le_bytes());
            tiff.extend(kind.to_le_bytes());
            tiff.extend((values.len() as u32).to_le_bytes());
            let value = |value: &u32| match kind {
                3 => (*value as u16).to_le_bytes().to_vec(),
                _ => value.to_le_bytes().to_vec(),
            };
            let mut bytes: Vec<u8> = values.iter().flat_map(value).collect();
            if bytes.len() > 4 {
                tiff.extend(((after + long.len()) as u32).to_le_bytes());
                long.extend(bytes);
            } else {
                bytes.resize(4, 0);
                tiff.extend(bytes);
            }
        }
        tiff.extend([0; 4]);
        tiff.extend(long);
        tiff
    }

    /// A picture of 16 × `height` pixels in tiles of `width` × 16, of which each has the same bytes.
    fn tiled(width: u32, height: u32, more: &[(u16, u16, Vec<u32>)]) -> Vec<u8> {
        let tiles = height.div_ceil(16) as usize;
        let data = [0; 256];
        let mut fields = vec![
            (256, 4, vec![16]),
            (257, 4, vec![height]),
            (258, 3, vec![8]),
            (259, 3, vec![1]),
            (262, 3, vec![1]),
            (277, 3, vec![1]),
            (322, 4, vec![width]),
            (323, 4, vec![16]),
            (324, 4, vec![8; tiles]),
            (325, 4, vec![256; tiles]),
        ];
        for field in more {
            fields.retain(|(tag, ..)| *tag != field.0);
            fields.push(field.clone());
        }
        fields.sort();
        with_fields(&fields, &data)
    }

    #[test]
    fn tiles_that_cost_more_than_they_show_are_refused() {
        assert!(bytes(&tiled(16, 16, &[])).is_some());
        assert!(picture(&tiled(16, 16, &[])).is_some());
        // Its tiles are much wider than the picture, with samples of other kinds, too.
        let float = [(258, 3, vec![16]), (317, 3, vec![3]), (339, 3, vec![3])];
        let extra = [
            (258, 3, vec![8; 4]),
            (262, 3, vec![2]),
            (277, 3, vec![4]),
            (338, 3, vec![0]),
        ];
        for more in [&[][..], &float, &extra] {
            assert_eq!(bytes(&tiled(1 << 26, 16, more)), None);
            assert!(picture(&tiled(1 << 26, 16, more)).is_none());
        }
        // The memory for a row of samples that are not shown is counted.
        let wide = bytes(&tiled(1 << 20, 16, &extra)).unwrap();
        assert!(wide > bytes(&tiled(16, 16, &extra)).unwrap() + 4_000_000);
        // All its tiles are the same part of the file.
        assert_eq!(bytes(&tiled(16, 16 * 20, &[])), None);
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
