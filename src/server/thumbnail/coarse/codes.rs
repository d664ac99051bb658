//! The bits of a JPEG's scans, and their Huffman codes.

/// A code has at most this many bits.
pub const CODE_BITS: usize = 16;

/// Huffman codes (section C).
pub struct Codes {
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
    /// The codes of so many symbols of each length; `None` if there can't be so many.
    pub fn new(counts: &[u8; CODE_BITS], symbols: &[u8]) -> Option<Self> {
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
pub struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
    /// How many bits were made up behind the end.
    missing: u32,
}

impl<'a> Bits<'a> {
    pub fn new(data: &'a [u8]) -> Self {
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
    pub fn block(&mut self, first: &Codes, others: Option<&Codes>) -> Option<i32> {
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
    pub fn restart(&mut self) {
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
