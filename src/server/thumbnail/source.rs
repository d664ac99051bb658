//! Which bytes of a file are the picture: all of them, or a JPEG inside.

use std::{fs::File, io};

use image::metadata::Orientation;

use super::purpose::{Purpose, VIEW_SIDE};
use crate::{
    media::{self, Cover, Inside, Window},
    server::transport::read_at,
};

/// How many bytes of a file are read to find the JPEG inside, or the cover.
const SEARCHED_BYTES: u64 = 6 * 1024 * 1024;

/// A JPEG inside with more pixels is only used if there is no other.
const MANY_PIXELS: u64 = 40_000_000;

/// Where a picture is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is the whole file.
    Whole,
    /// It is a part of the file, which may say how the picture is turned.
    Part {
        from: u64,
        length: u64,
        orientation: Option<Orientation>,
    },
    Bytes(Vec<u8>),
}

impl Source {
    /// Where the picture in a file is that isn't one that can be decoded itself.
    pub fn inside(file: &File, size: u64, purpose: Purpose) -> Option<Self> {
        let read = |at: u64, buffer: &mut [u8]| read_at(file, at, buffer);
        let mut window = Window::new(&read, size, SEARCHED_BYTES);
        let inside = media::inside(&mut window);
        if let Some(found) = best(&inside, purpose).filter(|_| purpose != Purpose::Cover) {
            return Some(Self::Part {
                from: found.from,
                length: found.length,
                orientation: found.orientation.and_then(Orientation::from_exif),
            });
        }
        if !matches!(purpose, Purpose::Cover | Purpose::Card) {
            return None;
        }
        Some(match media::sound(&mut window)?.cover? {
            Cover::Bytes(bytes) => Self::Bytes(bytes),
            Cover::Part { from, length } => Self::Part {
                from,
                length,
                orientation: None,
            },
        })
    }

    /// How many bytes the picture has, in a file of this size.
    pub fn length(&self, size: u64) -> u64 {
        match self {
            Self::Whole => size,
            Self::Part { length, .. } => *length,
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    /// The first bytes of the picture, at most this many.
    ///
    /// # Errors
    /// Those of reading the file.
    pub fn read(&self, file: &File, length: u64) -> io::Result<Vec<u8>> {
        let from = match self {
            Self::Whole => 0,
            Self::Part { from, .. } => *from,
            Self::Bytes(bytes) => {
                let end = bytes
                    .len()
                    .min(usize::try_from(length).unwrap_or(usize::MAX));
                return Ok(bytes[..end].to_vec());
            }
        };
        // Callers have reserved the memory for it.
        let mut data = vec![0; length as usize];
        let read = read_at(file, from, &mut data)?;
        data.truncate(read);
        Ok(data)
    }
}

/// The smallest of the JPEGs inside that is large enough, or the largest. They are sorted.
fn best(inside: &[Inside], purpose: Purpose) -> Option<&Inside> {
    let side = |inside: &Inside| match purpose {
        Purpose::View => inside.size.0.max(inside.size.1),
        _ => inside.size.0.min(inside.size.1),
    };
    let wanted = match purpose {
        Purpose::View => VIEW_SIDE,
        purpose => purpose.short_side(),
    };
    let pixels = |inside: &Inside| u64::from(inside.size.0) * u64::from(inside.size.1);
    let modest = || inside.iter().filter(|inside| pixels(inside) <= MANY_PIXELS);
    modest()
        .find(|inside| side(inside) >= wanted)
        .or_else(|| modest().next_back())
        .or_else(|| inside.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_that_is_large_enough_is_taken() {
        let of = |width, height| Inside {
            from: 0,
            length: 1,
            size: (width, height),
            orientation: None,
        };
        let all = [of(160, 120), of(1620, 1080), of(6000, 4000)];
        let width = |all: &[Inside], purpose| best(all, purpose).unwrap().size.0;
        assert_eq!(width(&all, Purpose::Tile), 1620);
        assert_eq!(width(&all, Purpose::View), 6000);
        assert_eq!(width(&all[..2], Purpose::View), 1620);
        assert_eq!(width(&all[..1], Purpose::Card), 160);
        let huge = [of(160, 120), of(12_000, 9_000)];
        assert_eq!(width(&huge, Purpose::Card), 160);
        assert_eq!(width(&huge[1..], Purpose::Card), 12_000);
        assert_eq!(best(&[], Purpose::Tile), None);
    }
}
