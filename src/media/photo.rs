//! What a camera has noted in EXIF data.

use exif::{Exif, Field, In, Reader, Tag, Value};

use super::{exif_part::exif_part, place::Place, size::pixels, window::Window};

/// How much of a file's start is read for its pixels, which may come after other segments of a JPEG.
const HEAD_BYTES: usize = 192 * 1024;

/// The longest EXIF data that is read.
const MAX_EXIF: usize = 64 * 1024;

/// EXIF data with more pointers to directories is not read. Cameras write three, and a few bytes of
/// a thumbnail may look like one.
const MAX_POINTERS: usize = 16;

/// The tags of pointers to the Exif, GPS and interoperability directories (Exif 3.0, section 4.6).
const POINTER_TAGS: [u16; 3] = [0x8769, 0x8825, 0xa005];

/// The longest text that is kept, in characters.
const MAX_TEXT: usize = 100;

/// What is known about a photo.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Photo {
    /// Pixels of the upright picture.
    pub size: Option<(u32, u32)>,
    pub camera: Option<String>,
    pub lens: Option<String>,
    /// As `2026-07-01T12:30:05`, with the offset from UTC if it is known.
    pub taken: Option<String>,
    /// In seconds.
    pub exposure: Option<f64>,
    /// The f-number.
    pub aperture: Option<f64>,
    pub iso: Option<u32>,
    /// In millimetres, and what it would be on 35 mm film.
    pub focal_length: Option<f64>,
    pub focal_length_35mm: Option<u32>,
    /// Only if it was asked for.
    pub place: Option<Place>,
}

/// What is known about a picture, from its first bytes and its EXIF data.
///
/// `with_place`: whether it may say where it was taken. The owner may not want that.
pub fn photo(window: &mut Window<'_>, with_place: bool) -> Option<Photo> {
    let head = window.up_to(0, HEAD_BYTES)?;
    let mut photo = Photo {
        size: pixels(&head),
        ..Photo::default()
    };
    if let Some(exif) = exif_data(window).and_then(exif_of) {
        photo.note(&exif);
    }
    photo.place = with_place.then(|| Place::of(window)).flatten();
    Some(photo)
}

/// Reads EXIF data: its TIFF part.
pub fn exif_of(tiff: Vec<u8>) -> Option<Exif> {
    if pointers(&tiff) > MAX_POINTERS {
        return None;
    }
    // Many cameras write nonstandard fields, so errors elsewhere are ignored.
    Reader::new()
        .continue_on_error(true)
        .read_raw(tiff)
        .or_else(|error| error.distill_partial_result(|_| ()))
        .ok()
}

impl Photo {
    fn note(&mut self, exif: &Exif) {
        let field = |tag| exif.get_field(tag, In::PRIMARY);
        let number = |tag| field(tag)?.value.get_uint(0);
        let maker = field(Tag::Make).and_then(text);
        let model = field(Tag::Model).and_then(text);
        self.camera = match (maker, model) {
            // Many models begin with the name of their maker.
            (Some(maker), Some(model)) => {
                let first = maker.split(' ').next().unwrap_or_default().to_lowercase();
                Some(if model.to_lowercase().starts_with(&first) {
                    model
                } else {
                    format!("{maker} {model}")
                })
            }
            (maker, model) => model.or(maker),
        };
        self.lens = field(Tag::LensModel).and_then(text);
        let offset = field(Tag::OffsetTimeOriginal).and_then(text);
        self.taken = field(Tag::DateTimeOriginal)
            .and_then(text)
            .and_then(|time| shown_time(&time, offset.as_deref()));
        self.exposure = field(Tag::ExposureTime).and_then(fraction);
        self.aperture = field(Tag::FNumber).and_then(fraction);
        self.iso = number(Tag::PhotographicSensitivity).filter(|&iso| iso > 0);
        self.focal_length = field(Tag::FocalLength).and_then(fraction);
        self.focal_length_35mm = number(Tag::FocalLengthIn35mmFilm).filter(|&length| length > 0);
        let noted = || Some((number(Tag::PixelXDimension)?, number(Tag::PixelYDimension)?));
        self.size = self.size.or_else(noted);
        if matches!(number(Tag::Orientation), Some(5..=8)) {
            self.size = self.size.map(|(width, height)| (height, width));
        }
    }
}

fn text(field: &Field) -> Option<String> {
    let Value::Ascii(texts) = &field.value else {
        return None;
    };
    let text = String::from_utf8_lossy(texts.first()?);
    let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    let text: String = text.chars().take(MAX_TEXT).collect();
    (!text.is_empty()).then_some(text)
}

fn fraction(field: &Field) -> Option<f64> {
    let Value::Rational(fractions) = &field.value else {
        return None;
    };
    let fraction = fractions.first()?;
    (fraction.num > 0 && fraction.denom > 0).then(|| fraction.to_f64())
}

/// `2026:07:01 12:30:05` as other programs write it. Cameras without a clock write zeros or spaces.
fn shown_time(time: &str, offset: Option<&str>) -> Option<String> {
    let digits: Vec<&str> = time.split([':', ' ']).collect();
    let [year, month, day, hour, minute, second] = digits[..] else {
        return None;
    };
    let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let has_lengths = year.len() == 4 && digits[1..].iter().all(|part| part.len() == 2);
    if !has_lengths || !digits.iter().all(is_number) || month == "00" {
        return None;
    }
    let is_offset = |offset: &&str| {
        let bytes = offset.as_bytes();
        bytes.len() == 6
            && matches!(bytes[0], b'+' | b'-')
            && bytes[3] == b':'
            && [1, 2, 4, 5].iter().all(|&at| bytes[at].is_ascii_digit())
    };
    let offset = offset.filter(is_offset).unwrap_or_default();
    Some(format!(
        "{year}-{month}-{day}T{hour}:{minute}:{second}{offset}"
    ))
}

/// The start of the EXIF data of a picture.
fn exif_data(window: &mut Window<'_>) -> Option<Vec<u8>> {
    let part = exif_part(window)?;
    let length = usize::try_from(part.to.checked_sub(part.from)?).ok()?;
    window.up_to(part.from, length.min(MAX_EXIF))
}

/// The most entries that can point to an Exif, GPS or interoperability directory.
///
/// The library reads each of these directories, and they may overlap: 64 KiB full of pointers
/// would make it take 600 MB and two seconds.
fn pointers(tiff: &[u8]) -> usize {
    let to_number = if tiff.starts_with(b"II") {
        u16::from_le_bytes
    } else {
        u16::from_be_bytes
    };
    tiff.windows(2)
        .map(|pair| to_number([pair[0], pair[1]]))
        .filter(|tag| POINTER_TAGS.contains(tag))
        .count()
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A TIFF whose directory has so many pointers, each to a directory that overlaps the others.
    pub fn overlapping_directories(pointers: u32) -> Vec<u8> {
        let mut tiff = b"II*\0\x08\0\0\0\xff\xff".to_vec();
        for index in 0..pointers {
            tiff.extend(b"\x69\x87\x04\0\x01\0\0\0");
            tiff.extend((10 + 12 * index).to_le_bytes());
        }
        tiff
    }

    #[test]
    fn directories_that_overlap_are_not_read() {
        assert_eq!(pointers(&overlapping_directories(3)), 3);
        assert!(exif_of(overlapping_directories(5_000)).is_none());
    }

    #[test]
    fn times_are_written_as_others_write_them() {
        let shown = |time, offset| shown_time(time, offset);
        assert_eq!(
            shown("2026:07:01 12:30:05", Some("+02:00")).as_deref(),
            Some("2026-07-01T12:30:05+02:00")
        );
        assert_eq!(
            shown("2026:07:01 12:30:05", Some("2 hours")).as_deref(),
            Some("2026-07-01T12:30:05")
        );
        for none in ["", "0000:00:00 00:00:00", "    :  :     :  :  ", "2026"] {
            assert_eq!(shown(none, None), None);
        }
    }
}
