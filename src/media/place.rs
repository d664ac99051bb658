//! Where a photo was taken.

use exif::{Exif, In, Tag, Value};

/// Parts of a degree that are told: a tenth of a metre.
const PRECISION: f64 = 1e6;

/// A place on earth, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// From -90 in the south to 90.
    pub latitude: f64,
    /// From -180 in the west to 180.
    pub longitude: f64,
}

impl Place {
    /// Where a photo with this EXIF data was taken.
    pub fn of(exif: &Exif) -> Option<Self> {
        let place = Self {
            latitude: degrees(exif, Tag::GPSLatitude, Tag::GPSLatitudeRef, b'S', 90.0)?,
            longitude: degrees(exif, Tag::GPSLongitude, Tag::GPSLongitudeRef, b'W', 180.0)?,
        };
        // Cameras without a signal write zeros.
        (place.latitude != 0.0 || place.longitude != 0.0).then_some(place)
    }
}

/// Degrees, minutes and seconds as a number, below zero on this side.
fn degrees(exif: &Exif, tag: Tag, side: Tag, below_zero: u8, max: f64) -> Option<f64> {
    let Value::Rational(parts) = &exif.get_field(tag, In::PRIMARY)?.value else {
        return None;
    };
    let first = parts.first()?;
    if first.denom == 0 {
        return None;
    }
    // Some write degrees alone, and 0/0 for the others.
    let sixtieths = [1.0, 60.0, 3600.0];
    let known = parts
        .iter()
        .zip(sixtieths)
        .filter(|(part, _)| part.denom > 0);
    let sum: f64 = known.map(|(part, share)| part.to_f64() / share).sum();
    let is_below = exif.get_field(side, In::PRIMARY).is_some_and(|field| {
        matches!(&field.value, Value::Ascii(texts)
            if texts.first().is_some_and(|text| text.first() == Some(&below_zero)))
    });
    let sum = (sum * PRECISION).round() / PRECISION;
    (sum <= max).then_some(if is_below { -sum } else { sum })
}

#[cfg(test)]
pub mod tests {
    use std::io::Cursor;

    use exif::{Field, Rational, experimental::Writer};

    use super::*;
    use crate::media::exif_of;

    /// EXIF data with these parts of a degree north, or south, and east, or west.
    fn exif(north: &[(u32, u32)], east: &[(u32, u32)], sides: [&str; 2]) -> Vec<u8> {
        let parts = |parts: &[(u32, u32)]| {
            let parts = parts.iter().map(|&(num, denom)| Rational { num, denom });
            Value::Rational(parts.collect())
        };
        let side = |side: &str| Value::Ascii(vec![side.into()]);
        let fields = [
            (Tag::GPSLatitude, parts(north)),
            (Tag::GPSLatitudeRef, side(sides[0])),
            (Tag::GPSLongitude, parts(east)),
            (Tag::GPSLongitudeRef, side(sides[1])),
        ];
        let fields = fields.map(|(tag, value)| Field {
            tag,
            ifd_num: In::PRIMARY,
            value,
        });
        let mut writer = Writer::new();
        fields.iter().for_each(|field| writer.push_field(field));
        let mut tiff = Cursor::new(Vec::new());
        writer.write(&mut tiff, false).unwrap();
        tiff.into_inner()
    }

    /// A photo from so many degrees north and east.
    pub fn photo_at(north: u32, east: u32) -> Vec<u8> {
        exif(&[(north, 1)], &[(east, 1)], ["N", "E"])
    }

    fn place(north: &[(u32, u32)], east: &[(u32, u32)], sides: [&str; 2]) -> Option<(f64, f64)> {
        let place = Place::of(&exif_of(exif(north, east, sides)).unwrap())?;
        Some((place.latitude, place.longitude))
    }

    #[test]
    fn degrees_minutes_and_seconds_are_added_up() {
        let north = [(52, 1), (31, 1), (1200, 100)];
        let east = [(13, 1), (24, 1), (36, 1)];
        assert_eq!(place(&north, &east, ["N", "E"]), Some((52.52, 13.41)));
        assert_eq!(place(&north, &east, ["S", "W"]), Some((-52.52, -13.41)));
        let unused = [(2_626_061_728, 50_000_000), (0, 0), (0, 0)];
        assert_eq!(place(&unused, &east, ["", "E"]), Some((52.521235, 13.41)));
    }

    #[test]
    fn what_is_no_place_on_earth_is_none() {
        let east = [(13, 1), (24, 1), (36, 1)];
        for north in [
            &[][..],
            &[(1, 0)],
            &[(91, 1)],
            &[(89, 1), (61, 1)],
            &[(u32::MAX, 1)],
        ] {
            assert_eq!(place(north, &east, ["N", "E"]), None, "{north:?}");
        }
        assert_eq!(place(&[(0, 1)], &[(0, 1)], ["N", "E"]), None);
        assert_eq!(place(&[(0, 1)], &[(181, 1)], ["N", "E"]), None);
    }
}
