//! A JPEG at an eighth of its size.
//!
//! A JPEG consists of blocks of 8 by 8 pixels, and the first number of each is its average. So a picture
//! that would take too much memory can still be shown: only its blocks are kept, one byte for each
//! component. All numbers are read but only the first are used; of a progressive JPEG only the first
//! scan is read.
//!
//! ```text
//! codes  the bits of its scans, and their Huffman codes
//! frame  its size and its components
//! ```

mod codes;
mod frame;

use image::{DynamicImage, GrayImage, RgbImage};

use codes::{Bits, CODE_BITS, Codes};
use frame::{Component, Frame, scan_length, segment};

/// The picture at an eighth of its size; `None` if it can't be read.
pub fn eighth(jpeg: &[u8]) -> Option<DynamicImage> {
    let mut reader = Reader::default();
    reader.read(jpeg)?;
    reader.picture()
}

/// The most bytes that this takes; `None` if it can't be done.
pub fn bytes(jpeg: &[u8]) -> Option<u64> {
    let mut at = 2;
    loop {
        let (marker, segment) = segment(jpeg, at)?;
        if matches!(marker, 0xc0..=0xc2) {
            let frame = Frame::of(segment, marker)?;
            let blocks: usize = frame.components.iter().map(Component::blocks).sum();
            // And the pixels that are made of them.
            return Some(2 * blocks as u64 + 3 * (frame.columns * frame.rows) as u64);
        }
        at += segment.len() + 4;
    }
}

/// What has been read so far.
#[derive(Default)]
struct Reader {
    /// The number that the averages are multiplied by, of each table.
    steps: [i32; 4],
    first_codes: [Option<Codes>; 4],
    other_codes: [Option<Codes>; 4],
    restarts: usize,
    frame: Option<Frame>,
    /// The colours are red, green and blue already.
    is_rgb: bool,
}

impl Reader {
    /// Reads segments until every component is known.
    fn read(&mut self, jpeg: &[u8]) -> Option<()> {
        let mut at = 2;
        loop {
            let Some((marker, content)) = segment(jpeg, at) else {
                // What is there is better than nothing.
                let frame = self.frame.as_ref()?;
                return frame.components[0].is_done.then_some(());
            };
            at += content.len() + 4;
            match marker {
                0xdb => self.read_steps(content)?,
                0xc4 => self.read_codes(content)?,
                0xdd => {
                    self.restarts = u16::from_be_bytes([*content.first()?, *content.get(1)?]).into()
                }
                0xee if content.starts_with(b"Adobe") => self.is_rgb = content.get(11) == Some(&0),
                0xc0..=0xc2 if self.frame.is_none() => {
                    let mut frame = Frame::of(content, marker)?;
                    for part in &mut frame.components {
                        part.averages = vec![128; part.stride * part.lines];
                    }
                    self.frame = Some(frame);
                }
                0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return None,
                0xda => {
                    self.read_scan(content, jpeg.get(at..)?)?;
                    if self
                        .frame
                        .as_ref()?
                        .components
                        .iter()
                        .all(|part| part.is_done)
                    {
                        return Some(());
                    }
                    at += scan_length(&jpeg[at..]);
                }
                _ => {}
            }
        }
    }

    fn read_steps(&mut self, mut content: &[u8]) -> Option<()> {
        while let Some((&kind, rest)) = content.split_first() {
            let table = self.steps.get_mut(usize::from(kind & 15))?;
            let length = if kind >> 4 == 0 { 64 } else { 128 };
            *table = match kind >> 4 {
                0 => i32::from(*rest.first()?),
                _ => i32::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])),
            };
            content = rest.get(length..)?;
        }
        Some(())
    }

    fn read_codes(&mut self, mut content: &[u8]) -> Option<()> {
        while let Some((&kind, rest)) = content.split_first() {
            let (counts, rest) = rest.split_first_chunk::<CODE_BITS>()?;
            let total: usize = counts.iter().map(|&count| usize::from(count)).sum();
            let symbols = rest.get(..total)?;
            let tables = if kind >> 4 == 0 {
                &mut self.first_codes
            } else {
                &mut self.other_codes
            };
            *tables.get_mut(usize::from(kind & 15))? = Some(Codes::new(counts, symbols)?);
            content = &rest[total..];
        }
        Some(())
    }

    /// Reads the averages in a scan, if it has any (section B.2.3).
    fn read_scan(&mut self, header: &[u8], data: &[u8]) -> Option<()> {
        let frame = self.frame.as_mut()?;
        let count = usize::from(*header.first()?);
        let specified = header.get(1..1 + 2 * count)?;
        let (start, shifts) = (header.get(1 + 2 * count)?, header.get(3 + 2 * count)?);
        // Later scans of a progressive JPEG only refine.
        if *start != 0 || shifts >> 4 != 0 {
            return Some(());
        }
        let shift = shifts & 15;
        let mut parts = Vec::new();
        for specified in specified.chunks_exact(2) {
            let place = frame
                .components
                .iter()
                .position(|part| part.id == specified[0])?;
            let first = self
                .first_codes
                .get(usize::from(specified[1] >> 4))?
                .as_ref()?;
            let others = match frame.is_progressive {
                true => None,
                false => Some(
                    self.other_codes
                        .get(usize::from(specified[1] & 15))?
                        .as_ref()?,
                ),
            };
            parts.push((place, first, others));
        }
        let is_alone = count == 1;
        let first = frame.components.get(parts.first()?.0)?;
        let (columns, rows) = if is_alone {
            (first.columns, first.rows)
        } else {
            (first.stride / first.across, first.lines / first.down)
        };
        let mut bits = Bits::new(data);
        let mut before = [0_i32; 4];
        'units: for unit in 0..columns * rows {
            if self.restarts > 0 && unit > 0 && unit.is_multiple_of(self.restarts) {
                bits.restart();
                before = [0; 4];
            }
            let (x, y) = (unit % columns, unit / columns);
            for &(place, first, others) in &parts {
                let part = &mut frame.components[place];
                let (across, down) = if is_alone {
                    (1, 1)
                } else {
                    (part.across, part.down)
                };
                for block in 0..across * down {
                    let Some(difference) = bits.block(first, others) else {
                        // It ends here; the rest stays grey.
                        break 'units;
                    };
                    before[place] = before[place].wrapping_add(difference);
                    let step = self.steps[part.table];
                    let average = before[place].wrapping_shl(shift.into()).wrapping_mul(step);
                    let at =
                        (y * down + block / across) * part.stride + x * across + block % across;
                    part.averages[at] = (average / 8 + 128).clamp(0, 255) as u8;
                }
            }
        }
        for (place, ..) in parts {
            frame.components[place].is_done = true;
        }
        Some(())
    }

    fn picture(self) -> Option<DynamicImage> {
        let frame = self.frame?;
        let (columns, rows) = (frame.columns, frame.rows);
        let value = |part: &Component, x: usize, y: usize| {
            let (x, y) = (x * part.across / frame.across, y * part.down / frame.down);
            part.averages[y * part.stride + x]
        };
        let size = (u32::try_from(columns).ok()?, u32::try_from(rows).ok()?);
        if let [grey] = &frame.components[..] {
            // A component alone has no units.
            let pixels = GrayImage::from_fn(size.0, size.1, |x, y| {
                image::Luma([grey.averages[y as usize * grey.stride + x as usize]])
            });
            return Some(pixels.into());
        }
        let [first, second, third] = &frame.components[..] else {
            return None;
        };
        let is_rgb = self.is_rgb || [first.id, second.id, third.id] == *b"RGB";
        Some(
            RgbImage::from_fn(size.0, size.1, |x, y| {
                let at = |part| value(part, x as usize, y as usize);
                let (first, second, third) = (at(first), at(second), at(third));
                image::Rgb(if is_rgb {
                    [first, second, third]
                } else {
                    rgb(first, second, third)
                })
            })
            .into(),
        )
    }
}

/// Red, green and blue (JFIF 1.02).
fn rgb(light: u8, blue: u8, red: u8) -> [u8; 3] {
    let (light, blue, red) = (
        f32::from(light),
        f32::from(blue) - 128.0,
        f32::from(red) - 128.0,
    );
    // Converting to u8 saturates.
    [
        (light + 1.402 * red + 0.5) as u8,
        (light - 0.344_136 * blue - 0.714_136 * red + 0.5) as u8,
        (light + 1.772 * blue + 0.5) as u8,
    ]
}

#[cfg(test)]
mod tests {
    use image::{ExtendedColorType, GenericImageView, Rgb, codecs::jpeg::JpegEncoder, imageops};
    use proptest::prelude::*;

    use super::*;

    fn photo(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let noise = (x.wrapping_mul(y + 7).wrapping_mul(2_654_435_761) >> 26) as u8;
            Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, noise])
        })
    }

    fn encoded(width: u32, height: u32) -> Vec<u8> {
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, 95)
            .encode_image(&photo(width, height))
            .unwrap();
        jpeg
    }

    #[test]
    fn it_looks_like_the_picture() {
        let small = eighth(&encoded(320, 160)).unwrap().into_rgb8();
        let expected = imageops::thumbnail(&photo(320, 160), 40, 20);
        assert_eq!(small.dimensions(), (40, 20));
        for (a, b) in small.iter().zip(expected.iter()) {
            assert!(a.abs_diff(*b) < 8, "{a} {b}");
        }
        let mut grey = Vec::new();
        JpegEncoder::new(&mut grey)
            .encode(&[200; 50 * 30], 50, 30, ExtendedColorType::L8)
            .unwrap();
        let small = eighth(&grey).unwrap();
        assert_eq!(small.dimensions(), (7, 4));
        assert!(small.as_bytes().iter().all(|value| value.abs_diff(200) < 3));
    }

    #[test]
    fn what_is_cut_off_stays_grey() {
        let jpeg = encoded(320, 160);
        let small = eighth(&jpeg[..jpeg.len() / 2]).unwrap().into_rgb8();
        assert!(small.get_pixel(0, 0).0[0] < 20);
        assert_eq!(small.get_pixel(39, 19).0, [128; 3]);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(
            changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
            end: usize, is_early: bool,
        ) {
            let mut jpeg = encoded(64, 40);
            let length = if is_early { 700.min(jpeg.len()) } else { jpeg.len() };
            for (at, value) in changes {
                jpeg[at % length] = value;
            }
            let _ = bytes(&jpeg);
            let _ = eighth(&jpeg);
            jpeg.truncate(end % jpeg.len());
            let _ = eighth(&jpeg);
        }
    }
}
