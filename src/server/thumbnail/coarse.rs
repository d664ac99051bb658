//! A JPEG at an eighth of its size.
//!
//! A JPEG consists of blocks of 8 by 8 pixels, and the first number of each is its average. So a picture
//! that would take too much memory can still be shown: only its blocks are kept, one byte for each
//! component. All numbers are read but only the first are used; of a progressive JPEG only the first
//! scan is read.

use image::{DynamicImage, GrayImage, RgbImage};

/// More blocks in all components are not kept.
const MAX_BLOCKS: usize = 40_000_000;

/// A code has at most this many bits.
const CODE_BITS: usize = 16;

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

struct Frame {
    is_progressive: bool,
    /// The number of blocks across and down, of the component with the most.
    columns: usize,
    rows: usize,
    /// The most blocks of a component in one unit, across and down.
    across: usize,
    down: usize,
    components: Vec<Component>,
}

struct Component {
    id: u8,
    across: usize,
    down: usize,
    table: usize,
    /// Blocks that are seen, in a component that comes alone.
    columns: usize,
    rows: usize,
    /// Blocks in a row of whole units, and rows of them.
    stride: usize,
    lines: usize,
    averages: Vec<u8>,
    is_done: bool,
}

impl Component {
    fn blocks(&self) -> usize {
        self.stride * self.lines
    }
}

impl Frame {
    /// Reads the header of a frame (ITU-T T.81, section B.2.2).
    fn of(segment: &[u8], marker: u8) -> Option<Self> {
        let side = |at| {
            Some(usize::from(u16::from_be_bytes([
                *segment.get(at)?,
                *segment.get(at + 1)?,
            ])))
        };
        let (height, width, count) = (side(1)?, side(3)?, usize::from(*segment.get(5)?));
        if *segment.first()? != 8 || width == 0 || height == 0 || !matches!(count, 1 | 3) {
            return None;
        }
        let specified = segment.get(6..6 + 3 * count)?.chunks_exact(3);
        let mut components: Vec<_> = specified
            .map(|part| Component {
                id: part[0],
                across: usize::from(part[1] >> 4),
                down: usize::from(part[1] & 15),
                table: usize::from(part[2] & 3),
                columns: 0,
                rows: 0,
                stride: 0,
                lines: 0,
                averages: Vec::new(),
                is_done: false,
            })
            .collect();
        let is_usual =
            |part: &Component| matches!(part.across, 1 | 2 | 4) && matches!(part.down, 1 | 2 | 4);
        if !components.iter().all(is_usual) {
            return None;
        }
        let across = components.iter().map(|part| part.across).max()?;
        let down = components.iter().map(|part| part.down).max()?;
        let (units, lines) = (width.div_ceil(8 * across), height.div_ceil(8 * down));
        for part in &mut components {
            part.columns = (width * part.across).div_ceil(across).div_ceil(8);
            part.rows = (height * part.down).div_ceil(down).div_ceil(8);
            part.stride = units * part.across;
            part.lines = lines * part.down;
        }
        let blocks: usize = components.iter().map(Component::blocks).sum();
        (blocks <= MAX_BLOCKS).then_some(Self {
            is_progressive: marker == 0xc2,
            columns: width.div_ceil(8),
            rows: height.div_ceil(8),
            across,
            down,
            components,
        })
    }
}

/// The kind and content of a segment, which begins with its marker.
fn segment(jpeg: &[u8], at: usize) -> Option<(u8, &[u8])> {
    let head = jpeg.get(at..at.checked_add(4)?)?;
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let is_marker = head[0] == 0xff && !matches!(head[1], 0 | 0xff | 0xd0..=0xd9);
    is_marker.then(|| Some((head[1], jpeg.get(at + 4..at + 2 + length)?)))?
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

/// How long the data of a scan is: up to a marker that doesn't belong to it.
fn scan_length(data: &[u8]) -> usize {
    let is_end = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff | 0xd0..=0xd7);
    data.windows(2).position(is_end).unwrap_or(data.len())
}

/// Huffman codes (section C).
struct Codes {
    /// For every start of 16 bits: the symbol, and how many of the bits are its code. For those with
    /// more than 9 bits, see below.
    short: Vec<(u8, u8)>,
    /// The first code of each length that is not used, and what to add to a code for its symbol's place.
    ends: [u32; CODE_BITS + 1],
    places: [i32; CODE_BITS + 1],
    symbols: Vec<u8>,
}

const SHORT_BITS: usize = 9;

impl Codes {
    fn new(counts: &[u8; CODE_BITS], symbols: &[u8]) -> Option<Self> {
        let mut codes = Self {
            short: vec![(0, 0); 1 << SHORT_BITS],
            ends: [0; CODE_BITS + 1],
            places: [0; CODE_BITS + 1],
            symbols: symbols.to_vec(),
        };
        let (mut code, mut place) = (0_u32, 0_usize);
        for (length, &count) in (1..).zip(counts) {
            codes.places[length] = i32::try_from(place).ok()? - i32::try_from(code).ok()?;
            for _ in 0..count {
                if code >> length != 0 {
                    return None;
                }
                if length <= SHORT_BITS {
                    let first = (code as usize) << (SHORT_BITS - length);
                    let last = first + (1 << (SHORT_BITS - length));
                    codes.short[first..last].fill((symbols[place], length as u8));
                }
                code += 1;
                place += 1;
            }
            codes.ends[length] = code;
            code <<= 1;
        }
        Some(codes)
    }
}

/// The bits of a scan.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
    /// How many bits were made up behind the end.
    missing: u32,
}

impl<'a> Bits<'a> {
    fn new(data: &'a [u8]) -> Self {
        Self {
            data,
            at: 0,
            held: 0,
            count: 0,
            missing: 0,
        }
    }

    /// Makes sure that there are at least 32 bits, with zeros behind the end.
    fn fill(&mut self) {
        while self.count <= 48 {
            let byte = match self.data.get(self.at) {
                Some(0xff) if self.data.get(self.at + 1) == Some(&0) => {
                    self.at += 2;
                    0xff
                }
                Some(0xff) | None => {
                    self.missing += 8;
                    0
                }
                Some(&byte) => {
                    self.at += 1;
                    byte
                }
            };
            self.held = self.held << 8 | u64::from(byte);
            self.count += 8;
        }
    }

    fn peek(&self, count: u32) -> u32 {
        // Not more than `count` bits are left.
        (self.held >> (self.count - count)) as u32 & ((1 << count) - 1)
    }

    /// The next symbol; `None` at the end, or if there is no such code.
    fn symbol(&mut self, codes: &Codes) -> Option<u8> {
        if self.count < 32 {
            self.fill();
        }
        if self.missing > self.count {
            return None;
        }
        let (symbol, length) = codes.short[self.peek(SHORT_BITS as u32) as usize];
        if length > 0 {
            self.count -= u32::from(length);
            return Some(symbol);
        }
        for length in SHORT_BITS + 1..=CODE_BITS {
            let code = self.peek(length as u32);
            if code < codes.ends[length] {
                self.count -= length as u32;
                let place = i32::try_from(code).ok()? + codes.places[length];
                return codes.symbols.get(usize::try_from(place).ok()?).copied();
            }
        }
        None
    }

    /// The difference of a block's average to the one before; the other numbers are skipped.
    fn block(&mut self, first: &Codes, others: Option<&Codes>) -> Option<i32> {
        let length = u32::from(self.symbol(first)?);
        if length > 15 {
            return None;
        }
        let mut difference = 0;
        if length > 0 {
            let bits = self.peek(length) as i32;
            self.count -= length;
            // A number that begins with 0 is negative.
            difference = if bits >> (length - 1) == 0 {
                bits - (1 << length) + 1
            } else {
                bits
            };
        }
        let Some(others) = others else {
            return Some(difference);
        };
        let mut place = 1;
        while place < 64 {
            let symbol = self.symbol(others)?;
            let (zeros, length) = (symbol >> 4, u32::from(symbol & 15));
            if length == 0 && zeros != 15 {
                break;
            }
            self.count -= length;
            place += u32::from(zeros) + 1;
        }
        Some(difference)
    }

    /// Goes on behind the next marker of a restart.
    fn restart(&mut self) {
        (self.held, self.count, self.missing) = (0, 0, 0);
        let rest = self.data.get(self.at..).unwrap_or_default();
        let is_marker = |pair: &[u8]| pair[0] == 0xff && pair[1] != 0 && pair[1] != 0xff;
        let marker = rest.windows(2).position(is_marker);
        match marker {
            Some(place) if matches!(rest[place + 1], 0xd0..=0xd7) => self.at += place + 2,
            _ => self.at = self.data.len(),
        }
    }
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
