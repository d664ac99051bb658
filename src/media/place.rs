//! Where a photo was taken.
//!
//! Only the directory with the place is read, wherever it is in the file: some cameras write it after
//! the picture.

use super::{
    boxes::{self, Place as Part},
    exif_part::exif_part,
    tiff::{Directory, Order},
    window::Window,
};

/// Parts of a degree that are told: a tenth of a metre.
const PRECISION: f64 = 1e6;

/// The field that leads to the directory with the place (Exif 3.0, section 4.6.3).
const GPS: u16 = 0x8825;

/// The fields of it: the side of the equator, how far from it, and the same for the zero meridian.
const LATITUDE: (u16, u16) = (1, 2);
const LONGITUDE: (u16, u16) = (3, 4);

/// The id of the box in which a CR3 file has its directories.
const CR3_DIRECTORIES: [u8; 16] = [
    0x85, 0xc0, 0xb6, 0x87, 0x82, 0x0f, 0x11, 0xe0, 0x81, 0x11, 0xf4, 0xce, 0x46, 0x2b, 0x6a, 0x48,
];

/// A place on earth, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// From -90 in the south to 90.
    pub latitude: f64,
    /// From -180 in the west to 180.
    pub longitude: f64,
}

impl Place {
    /// Where a photo was taken, if it says so.
    pub fn of(window: &mut Window<'_>) -> Option<Self> {
        let (order, gps) = gps_directory(window)?;
        let mut degrees = |(side, tag), below_zero, max| {
            let parts = order.fractions(window, gps.field(tag)?)?;
            let is_below = gps.field(side).is_some_and(|side| side.first == below_zero);
            degrees(&parts, is_below, max)
        };
        let place = Self {
            latitude: degrees(LATITUDE, b'S', 90.0)?,
            longitude: degrees(LONGITUDE, b'W', 180.0)?,
        };
        // Cameras without a signal write zeros.
        (place.latitude != 0.0 || place.longitude != 0.0).then_some(place)
    }
}

/// The directory with the place, and what its numbers are like.
fn gps_directory(window: &mut Window<'_>) -> Option<(Order, Directory)> {
    if window.bytes(4, 8)? == b"ftypcrx " {
        let part = in_cr3(window)?;
        let (order, first) = order_at(window, part)?;
        return Some((order, order.directory(window, first)?));
    }
    let part = exif_part(window)?;
    let (order, first) = order_at(window, part)?;
    let gps = order.directory(window, first)?.number(GPS)?;
    Some((order, order.directory(window, gps)?))
}

fn order_at(window: &mut Window<'_>, part: Part) -> Option<(Order, u64)> {
    let (order, first) = Order::of(&window.bytes(part.from, 8)?)?;
    let base = part.from;
    Some((Order { base, ..order }, first))
}

/// Where a CR3 file has the directory with the place, as a TIFF of its own.
fn in_cr3(window: &mut Window<'_>) -> Option<Part> {
    let whole = Part::of_file(window);
    let movie = boxes::at_path(window, whole, &[b"moov"])?;
    let directories = boxes::with_id(window, movie, CR3_DIRECTORIES)?;
    boxes::at_path(window, directories.after(16)?, &[b"CMT4"])
}

/// Degrees, minutes and seconds as a number, below zero on one side.
fn degrees(parts: &[(u32, u32)], is_below: bool, max: f64) -> Option<f64> {
    if parts.first()?.1 == 0 {
        return None;
    }
    // Some write degrees alone, and 0/0 for the others.
    let sixtieths = [1.0, 60.0, 3600.0];
    let known = parts.iter().zip(sixtieths).filter(|(part, _)| part.1 > 0);
    let number = |(part, share): (&(u32, u32), f64)| f64::from(part.0) / f64::from(part.1) / share;
    let sum: f64 = known.map(number).sum();
    let sum = (sum * PRECISION).round() / PRECISION;
    (sum <= max).then_some(if is_below { -sum } else { sum })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::samples;

    fn place_in(file: &[u8]) -> Option<(f64, f64)> {
        let read = |at: u64, buffer: &mut [u8]| {
            let rest = &file[at as usize..];
            let length = rest.len().min(buffer.len());
            buffer[..length].copy_from_slice(&rest[..length]);
            Ok(length)
        };
        let place = Place::of(&mut Window::new(&read, file.len() as u64, 64 * 1024))?;
        Some((place.latitude, place.longitude))
    }

    fn place(north: &[(u32, u32)], east: &[(u32, u32)], sides: [&str; 2]) -> Option<(f64, f64)> {
        place_in(&samples::exif(north, east, sides))
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

    #[test]
    fn a_place_is_found_with_few_bytes_wherever_the_file_has_it() {
        for extension in samples::EXTENSIONS {
            let photo = samples::photo_named(extension, &samples::exif_at(52, 13));
            assert_eq!(place_in(&photo), Some((52.0, 13.0)), "{extension}");
        }
    }
}
