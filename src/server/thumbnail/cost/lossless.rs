//! The memory that image-webp takes for the Huffman codes of a lossless WebP (RFC 9649, section 3).
//!
//! A picture can have up to 65,536 groups of five codes, and a code of a few bytes in the file
//! becomes a table of many kilobytes. The number of groups depends on the pixels of a small picture
//! that comes first. So this reads the stream up to the codes of the main picture.

/// Sizes of the alphabets of the five codes of a group: green and lengths, red, blue, alpha,
/// distances.
const ALPHABETS: [u16; 5] = [256 + 24, 256, 256, 256, 40];

/// The order in which the lengths of the code length code are stored.
const LENGTH_ORDER: [usize; 19] = [
    17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
];

/// What a group takes besides its codes. A list that grows takes both the old and the new memory.
const GROUP: u64 = 3 * 5 * 56;

/// The size of a picture, in pixels.
pub fn size(stream: &[u8]) -> Option<(u64, u64)> {
    let mut bits = Bits { stream, at: 8 };
    let (width, height) = (bits.read(14)? + 1, bits.read(14)? + 1);
    Some((width.into(), height.into()))
}

/// The most bytes that the codes of a picture can take.
pub fn code_bytes(stream: &[u8]) -> Option<u64> {
    let mut bits = Bits { stream, at: 8 };
    let (width, height) = (bits.read(14)? + 1, bits.read(14)? + 1);
    // The alpha flag and the version.
    bits.read(4)?;
    bits.picture(width, height)
}

/// The most bytes that the codes of an alpha channel can take. Its stream doesn't contain its size.
pub fn alpha_code_bytes(stream: &[u8], (width, height): (u16, u16)) -> Option<u64> {
    Bits { stream, at: 0 }.picture(width.into(), height.into())
}

/// How many blocks of two to the power of `bits` pixels cover a side.
fn blocks(side: u32, bits: u32) -> u32 {
    side.div_ceil(1 << bits)
}

/// Reads a stream from the lowest bit of each byte.
struct Bits<'a> {
    stream: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn read(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for index in 0..count {
            let byte = *self.stream.get(self.at / 8)?;
            value |= u32::from(byte >> (self.at % 8) & 1) << index;
            self.at += 1;
        }
        Some(value)
    }

    /// Reads up to the pixels, and adds up the codes.
    fn picture(&mut self, mut width: u32, height: u32) -> Option<u64> {
        let mut bytes = 0;
        // At most one transform of each kind.
        let mut seen = [false; 4];
        while self.read(1)? == 1 {
            let kind = self.read(2)?;
            if std::mem::replace(&mut seen[kind as usize], true) {
                return None;
            }
            match kind {
                0 | 1 => {
                    let block = self.read(3)? + 2;
                    let (across, down) = (blocks(width, block), blocks(height, block));
                    bytes += self.small_picture(across, down)?.0;
                }
                2 => {}
                _ => {
                    let colors = self.read(8)? + 1;
                    bytes += self.small_picture(colors, 1)?.0;
                    let packed = match colors {
                        0..=2 => 3,
                        3..=4 => 2,
                        5..=16 => 1,
                        _ => 0,
                    };
                    width = blocks(width, packed);
                }
            }
        }
        let cache = self.cache()?;
        let mut groups = 1;
        if self.read(1)? == 1 {
            let block = self.read(3)? + 2;
            let (codes, last) = self.small_picture(blocks(width, block), blocks(height, block))?;
            bytes += codes;
            groups = last + 1;
        }
        bytes += 4 * u64::from(cache);
        for _ in 0..groups {
            bytes += self.group(cache)?.1;
        }
        Some(bytes)
    }

    /// Reads a picture with one group of codes. Returns the bytes that these take, and the greatest
    /// number in the red and green channels.
    fn small_picture(&mut self, width: u32, height: u32) -> Option<(u64, u32)> {
        let cache = self.cache()?;
        let ([green, red, blue, alpha, distance], bytes) = self.group(cache)?;
        let mut left = u64::from(width) * u64::from(height);
        let mut greatest = 0;
        while left > 0 {
            let symbol = green.read(self)?;
            let mut count = 1;
            if symbol < 256 {
                greatest = greatest.max(red.read(self)? << 8 | symbol);
                blue.read(self)?;
                alpha.read(self)?;
            } else if symbol < 256 + 24 {
                // A copy of earlier pixels, which have been seen, as have those in the cache.
                count = self.length(symbol - 256)?;
                let symbol = distance.read(self)?;
                self.length(symbol)?;
            }
            left = left.saturating_sub(count);
        }
        Some((bytes + 4 * u64::from(cache), greatest))
    }

    /// The number of colours in the cache.
    fn cache(&mut self) -> Option<u16> {
        if self.read(1)? == 0 {
            return Some(0);
        }
        let bits = self.read(4)?;
        (1..=11).contains(&bits).then_some(1 << bits)
    }

    fn length(&mut self, symbol: u32) -> Option<u64> {
        if symbol < 4 {
            return Some(u64::from(symbol) + 1);
        }
        let extra = (symbol - 2) >> 1;
        let offset = u64::from(2 + (symbol & 1)) << extra;
        Some(offset + u64::from(self.read(extra)?) + 1)
    }

    /// Reads a group of codes. Returns it, and the bytes that it takes.
    fn group(&mut self, cache: u16) -> Option<([Code; 5], u64)> {
        let mut bytes = GROUP;
        let mut codes = [const { Code::EMPTY }; 5];
        for (code, alphabet) in codes.iter_mut().zip(ALPHABETS) {
            let is_first = alphabet == ALPHABETS[0];
            *code = self.code(if is_first { alphabet + cache } else { alphabet })?;
            bytes += code.bytes();
        }
        Some((codes, bytes))
    }

    fn code(&mut self, alphabet: u16) -> Option<Code> {
        if self.read(1)? == 1 {
            let has_two = self.read(1)? == 1;
            let width = if self.read(1)? == 1 { 8 } else { 1 };
            let first = self.read(width)? as u16;
            if !has_two {
                return Some(Code::single(first));
            }
            let second = self.read(8)? as u16;
            let mut counts = [0; 16];
            counts[1] = 2;
            let symbols = vec![first, second];
            return Some(Code { counts, symbols });
        }
        let mut lengths = [0; 19];
        let count = 4 + self.read(4)? as usize;
        for &symbol in &LENGTH_ORDER[..count] {
            lengths[symbol] = self.read(3)? as u8;
        }
        let lengths = self.lengths(&Code::new(&lengths)?, alphabet)?;
        Code::new(&lengths)
    }

    fn lengths(&mut self, code: &Code, alphabet: u16) -> Option<Vec<u8>> {
        let mut left = u32::from(alphabet);
        if self.read(1)? == 1 {
            let width = 2 + 2 * self.read(3)?;
            left = 2 + self.read(width)?;
        }
        let alphabet = usize::from(alphabet);
        let mut lengths = Vec::with_capacity(alphabet);
        let mut previous = 8;
        while lengths.len() < alphabet && left > 0 {
            left -= 1;
            let (length, count) = match code.read(self)? {
                length @ 0..=15 => {
                    if length != 0 {
                        previous = length as u8;
                    }
                    (length as u8, 1)
                }
                16 => (previous, 3 + self.read(2)?),
                17 => (0, 3 + self.read(3)?),
                _ => (0, 11 + self.read(7)?),
            };
            lengths.resize(lengths.len() + count as usize, length);
        }
        (lengths.len() <= alphabet).then_some(lengths)
    }
}

/// A canonical Huffman code.
struct Code {
    /// The number of symbols with a code of each length.
    counts: [u16; 16],
    /// The symbols in the order of their codes. A single one takes no bits.
    symbols: Vec<u16>,
}

impl Code {
    const EMPTY: Self = Self {
        counts: [0; 16],
        symbols: Vec::new(),
    };

    fn single(symbol: u16) -> Self {
        Self {
            counts: [0; 16],
            symbols: vec![symbol],
        }
    }

    /// Builds a code from the code length of each symbol; `None` if these don't form a code.
    fn new(lengths: &[u8]) -> Option<Self> {
        let mut counts = [0; 16];
        for &length in lengths.iter().filter(|&&length| length != 0) {
            counts[usize::from(length)] += 1;
        }
        let mut next = [0; 16];
        for length in 1..16 {
            next[length] = next[length - 1] + usize::from(counts[length - 1]);
        }
        let mut symbols = vec![0; next[15] + usize::from(counts[15])];
        for (symbol, &length) in (0..).zip(lengths).filter(|pair| *pair.1 != 0) {
            let place = &mut next[usize::from(length)];
            symbols[*place] = symbol;
            *place += 1;
        }
        if symbols.len() == 1 {
            return Some(Self::single(symbols[0]));
        }
        let used: u32 = (0..)
            .zip(counts)
            .skip(1)
            .map(|(length, count)| u32::from(count) << (15 - length))
            .sum();
        (used == 1 << 15).then_some(Self { counts, symbols })
    }

    fn read(&self, bits: &mut Bits<'_>) -> Option<u32> {
        if let [symbol] = self.symbols[..] {
            return Some(symbol.into());
        }
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in &self.counts[1..] {
            let count = u32::from(*count);
            code = code << 1 | bits.read(1)?;
            first <<= 1;
            if code < first + count {
                return self
                    .symbols
                    .get((index + code - first) as usize)
                    .map(|&s| s.into());
            }
            index += count;
            first += count;
        }
        None
    }

    /// The bytes that the decoder takes for it: a table for up to ten bits, a tree for longer
    /// codes, and the overhead of the allocator.
    fn bytes(&self) -> u64 {
        if self.symbols.len() < 2 {
            return 0;
        }
        let longest = self
            .counts
            .iter()
            .rposition(|&count| count != 0)
            .unwrap_or(0);
        let in_tree: u64 = self.counts[11..]
            .iter()
            .map(|&count| u64::from(count))
            .sum();
        (4 << longest.min(10)) + 2 * 16 * in_tree.max(2) + 64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a stream from the lowest bit of each byte.
    #[derive(Default)]
    struct Writer {
        stream: Vec<u8>,
        bits: u32,
    }

    impl Writer {
        fn put(&mut self, value: u32, count: u32) {
            for index in 0..count {
                if self.bits.is_multiple_of(8) {
                    self.stream.push(0);
                }
                *self.stream.last_mut().unwrap() |= ((value >> index & 1) as u8) << (self.bits % 8);
                self.bits += 1;
            }
        }

        /// A code with one symbol.
        fn single(&mut self, symbol: u32) {
            self.put(0b101, 3);
            self.put(symbol, 8);
        }
    }

    /// A picture whose groups of codes are numbered up to `last`.
    fn picture(last: u32) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.put(0x2f, 8);
        writer.put(3, 14);
        writer.put(3, 14);
        writer.put(0, 4);
        // No transform, no cache, several groups in blocks of 4 by 4 pixels.
        writer.put(0b100, 3);
        writer.put(0, 3);
        // The small picture has no cache, and one pixel.
        writer.put(0, 1);
        for symbol in [last & 255, last >> 8, 0, 0, 0] {
            writer.single(symbol);
        }
        for _ in 0..=last {
            for _ in 0..5 {
                writer.single(0);
            }
        }
        writer.stream
    }

    #[test]
    fn the_groups_of_codes_are_counted() {
        assert_eq!(size(&picture(0)), Some((4, 4)));
        for last in [0, 1, 300, 65535] {
            let stream = picture(last);
            let groups = u64::from(last) + 2;
            assert_eq!(code_bytes(&stream), Some(groups * GROUP));
            assert_eq!(code_bytes(&stream[..stream.len() - 1]), None);
        }
        assert_eq!(alpha_code_bytes(&picture(9)[5..], (4, 4)), Some(11 * GROUP));
    }

    #[test]
    fn a_code_takes_as_much_as_its_longest_symbols() {
        assert!(Code::new(&[1, 1, 1]).is_none());
        assert!(Code::new(&[1, 2]).is_none());
        let mut lengths: Vec<u8> = (1..=15).collect();
        lengths.push(15);
        let code = Code::new(&lengths).unwrap();
        assert_eq!(code.bytes(), 4096 + 32 * 6 + 64);
        let mut bits = Bits {
            stream: &[0b0111_0110, 0xff],
            at: 0,
        };
        let read: Vec<_> = (0..3).map(|_| code.read(&mut bits).unwrap()).collect();
        assert_eq!(read, [0, 2, 3]);
    }
}
