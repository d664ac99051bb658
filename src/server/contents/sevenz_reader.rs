//! The numbers and bits that the header of a 7z consists of.

use std::io;

use super::invalid::invalid;

/// The most files that are looked at.
pub const MAX_FILES: u64 = 400_000;

/// What is left of a header.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub fn byte(&mut self) -> io::Result<u8> {
        Ok(self.take(1)?[0])
    }

    pub fn take(&mut self, length: u64) -> io::Result<&'a [u8]> {
        let length = usize::try_from(length).map_err(|_| invalid())?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(invalid)?;
        self.0 = rest;
        Ok(taken)
    }

    pub fn u64(&mut self) -> io::Result<u64> {
        let bytes = self.take(8)?.first_chunk().ok_or_else(invalid)?;
        Ok(u64::from_le_bytes(*bytes))
    }

    /// A number of one to nine bytes: the first says how many follow.
    pub fn number(&mut self) -> io::Result<u64> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let mut number = 0;
        for place in 0..more {
            number |= u64::from(self.byte()?) << (8 * place);
        }
        if more < 7 {
            let high = u64::from(first & (0x7f >> more));
            number |= high << (8 * more);
        }
        Ok(number)
    }

    /// The number of things that follow, each of which takes at least a byte.
    pub fn count(&mut self) -> io::Result<u64> {
        let count = self.number()?;
        if count > self.0.len() as u64 || count > MAX_FILES {
            return Err(invalid());
        }
        Ok(count)
    }

    /// As [`Reader::count`], of what takes at least a bit.
    pub fn count_of_bits(&mut self) -> io::Result<u64> {
        let count = self.number()?;
        if count > 8 * self.0.len() as u64 || count > MAX_FILES {
            return Err(invalid());
        }
        Ok(count)
    }

    pub fn bits(&mut self, count: u64) -> io::Result<Vec<bool>> {
        let bytes = self.take(count.div_ceil(8))?;
        let bits = (0..count as usize).map(|at| bytes[at / 8] & (0x80 >> (at % 8)) != 0);
        Ok(bits.collect())
    }

    pub fn all_or_bits(&mut self, count: u64) -> io::Result<Vec<bool>> {
        if self.byte()? == 0 {
            self.bits(count)
        } else {
            Ok(vec![true; count as usize])
        }
    }

    /// Reads over checksums, and says which are there.
    pub fn sums(&mut self, count: u64) -> io::Result<Vec<bool>> {
        let known = self.all_or_bits(count)?;
        let sums = known.iter().filter(|is_known| **is_known).count();
        self.take(4 * sums as u64)?;
        Ok(known)
    }
}

/// The sections that were read. A header with one of them twice is as large as somebody likes.
#[derive(Default)]
pub struct Seen(u64);

impl Seen {
    /// The ID of a section, if it is the first of its kind.
    pub fn first(&mut self, id: u8) -> io::Result<u8> {
        let mark = 1_u64.checked_shl(u32::from(id)).unwrap_or_default();
        if mark == 0 || self.0 & mark != 0 {
            return Err(invalid());
        }
        self.0 |= mark;
        Ok(id)
    }
}
