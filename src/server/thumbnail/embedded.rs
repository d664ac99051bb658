//! The thumbnail that a camera stores in the EXIF data of a JPEG.

use std::io::Cursor;

use exif::{In, Tag};
use image::{ImageDecoder, codecs::jpeg::JpegDecoder, metadata::Orientation};

use super::profile;
use crate::media::exif_of;

/// A thumbnail, and what is known about the picture around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// A JPEG.
    pub thumbnail: Vec<u8>,
    /// Pixels of the picture, as stored.
    pub size: (u32, u32),
    /// The orientation of both.
    pub orientation: Orientation,
    /// The colour profile of the picture, which cameras don't repeat in the thumbnail.
    pub profile: Option<Vec<u8>>,
}

/// Finds the thumbnail in the start of a JPEG. `None` if there is none, or if the start ends
/// before the picture begins.
pub fn embedded(start: &[u8]) -> Option<Embedded> {
    let mut decoder = JpegDecoder::new(Cursor::new(start)).ok()?;
    let size = decoder.dimensions();
    let tiff = decoder.exif_metadata().ok()??;
    let profile = decoder.icc_profile().ok().flatten();
    let orientation = Orientation::from_exif_chunk(&tiff).unwrap_or(Orientation::NoTransforms);
    let exif = exif_of(tiff)?;
    let number = |tag| {
        let field = exif.get_field(tag, In::THUMBNAIL)?;
        usize::try_from(field.value.get_uint(0)?).ok()
    };
    let from = number(Tag::JPEGInterchangeFormat)?;
    let to = from.checked_add(number(Tag::JPEGInterchangeFormatLength)?)?;
    let thumbnail = exif.buf().get(from..to)?.to_vec();
    Some(Embedded {
        thumbnail,
        size,
        orientation,
        profile: profile.and_then(profile::worth_keeping),
    })
}

#[cfg(test)]
pub mod tests {
    use image::{ExtendedColorType, codecs::jpeg::JpegEncoder};
    use proptest::prelude::*;

    use super::*;
    use crate::media::overlapping_directories;

    /// A JPEG with EXIF data: an orientation and a thumbnail.
    pub fn with_exif(jpeg: &[u8], orientation: u16, thumbnail: &[u8]) -> Vec<u8> {
        let mut tiff = b"II*\0\x08\0\0\0".to_vec();
        tiff.extend([1, 0]);
        tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0]);
        tiff.extend(u32::from(orientation).to_le_bytes());
        tiff.extend(26_u32.to_le_bytes());
        assert_eq!(tiff.len(), 26);
        tiff.extend([2, 0]);
        for (tag, value) in [(0x0201_u16, 56), (0x0202, thumbnail.len())] {
            tiff.extend(tag.to_le_bytes());
            tiff.extend([4, 0, 1, 0, 0, 0]);
            tiff.extend(u32::try_from(value).unwrap().to_le_bytes());
        }
        tiff.extend([0; 4]);
        assert_eq!(tiff.len(), 56);
        tiff.extend(thumbnail);
        let mut all = vec![0xff, 0xd8, 0xff, 0xe1];
        all.extend(u16::try_from(tiff.len() + 8).unwrap().to_be_bytes());
        all.extend(b"Exif\0\0");
        all.extend(tiff);
        all.extend(&jpeg[2..]);
        all
    }

    /// A grey JPEG.
    fn plain(width: u32, height: u32) -> Vec<u8> {
        let mut jpeg = Vec::new();
        let data = vec![99; (width * height) as usize];
        JpegEncoder::new(&mut jpeg)
            .encode(&data, width, height, ExtendedColorType::L8)
            .unwrap();
        jpeg
    }

    #[test]
    fn size_orientation_and_thumbnail_are_found() {
        let thumbnail = vec![0xff, 0xd8, 1, 2, 3];
        let found = embedded(&with_exif(&plain(512, 256), 6, &thumbnail));
        let expected = Embedded {
            thumbnail,
            size: (512, 256),
            orientation: Orientation::Rotate90,
            profile: None,
        };
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn a_thumbnail_outside_the_exif_data_is_ignored() {
        let mut data = with_exif(&plain(8, 8), 9, &[0xff, 0xd8, 1]);
        let found = embedded(&data).unwrap();
        assert_eq!(found.orientation, Orientation::NoTransforms);
        // Its length comes before the thumbnail and before the end of the directory.
        let at = data.windows(3).position(|window| window == [0xff, 0xd8, 1]);
        let length_at = at.unwrap() - 8;
        data[length_at..length_at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(embedded(&data), None);
    }

    #[test]
    fn directories_that_overlap_are_not_read() {
        let bomb = overlapping_directories(5_000);
        let mut segment = b"\xff\xe1".to_vec();
        segment.extend(u16::try_from(bomb.len() + 8).unwrap().to_be_bytes());
        segment.extend(b"Exif\0\0");
        segment.extend(bomb);
        let mut jpeg = plain(8, 8);
        jpeg.splice(2..2, segment);
        assert_eq!(embedded(&jpeg), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(
            data in proptest::collection::vec(any::<u8>(), 0..300),
            at in 0_usize..100, value: u8,
        ) {
            let _ = embedded(&[&[0xff, 0xd8][..], &data].concat());
            let mut exif = with_exif(&plain(8, 8), 3, &[0xff, 0xd8]);
            let at = at % exif.len();
            exif[at] = value;
            let _ = embedded(&exif);
        }
    }
}
