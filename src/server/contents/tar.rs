//! The headers of a tar (POSIX.1-2001, pax interchange format; and GNU's long names).

use std::{
    fs::File,
    io::{self, Read},
};

use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;

use super::{
    invalid::invalid,
    listed::{Entry, Listed},
};
use crate::server::{transport::read_at, work::Budget};

const BLOCK: u64 = 512;

/// The longest name or pax header that is read.
const MAX_META: u64 = 64 * 1024;

/// How much of a compressed tar is unpacked to look through it.
const MAX_UNPACKED: u64 = 512 * 1024 * 1024;

/// The most memory for unpacking xz, in KiB: enough for `xz -9`.
const MAX_XZ_KIB: u32 = 66 * 1024;

/// Where the headers come from.
trait Source {
    /// Reads exactly so many bytes. False at the end.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<bool>;

    fn skip(&mut self, bytes: u64, budget: &Budget) -> io::Result<()>;
}

struct Plain<'a> {
    file: &'a File,
    at: u64,
    size: u64,
}

impl Source for Plain<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        let read = read_at(self.file, self.at, buffer)?;
        self.at += read as u64;
        Ok(read == buffer.len())
    }

    fn skip(&mut self, bytes: u64, _budget: &Budget) -> io::Result<()> {
        let at = self.at.checked_add(bytes).ok_or_else(invalid)?;
        self.at = at.min(self.size);
        Ok(())
    }
}

/// A file that is read as long as the budget lasts. What it holds may unpack to nothing at all.
struct Budgeted<'a> {
    file: &'a File,
    budget: &'a Budget,
}

impl Read for Budgeted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.budget.check()?;
        self.file.read(buffer)
    }
}

struct Packed<R> {
    decoder: R,
    left: u64,
}

impl<R: Read> Source for Packed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        let mut read = 0;
        while read < buffer.len() {
            match self.decoder.read(&mut buffer[read..])? {
                0 => return Ok(false),
                more => read += more,
            }
        }
        self.left = self.left.saturating_sub(read as u64);
        if self.left == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(true)
    }

    fn skip(&mut self, bytes: u64, budget: &Budget) -> io::Result<()> {
        let mut buffer = vec![0; 32 * 1024];
        let mut left = bytes;
        while left > 0 {
            budget.check()?;
            let length = left.min(buffer.len() as u64);
            // Cut off in the middle.
            if !self.read(&mut buffer[..length as usize])? {
                return Err(invalid());
            }
            left -= length;
        }
        Ok(())
    }
}

/// Lists a tar of this size.
///
/// # Errors
/// If it is none, can't be read, or the budget is used up.
pub fn list(file: &File, size: u64, listed: &mut Listed, budget: &Budget) -> io::Result<()> {
    list_from(Plain { file, at: 0, size }, listed, budget)
}

/// Lists a tar that is compressed with gzip.
///
/// # Errors
/// Those of [`list`].
pub fn list_gz(file: &File, listed: &mut Listed, budget: &Budget) -> io::Result<()> {
    let packed = io::BufReader::with_capacity(64 * 1024, Budgeted { file, budget });
    let source = Packed {
        decoder: MultiGzDecoder::new(packed),
        left: MAX_UNPACKED,
    };
    list_from(source, listed, budget)
}

/// Lists a tar that is compressed with xz.
///
/// # Errors
/// Those of [`list`].
pub fn list_xz(file: &File, listed: &mut Listed, budget: &Budget) -> io::Result<()> {
    // Each block in it takes its memory anew, so few fit between two looks at the budget.
    let packed = io::BufReader::with_capacity(4 * 1024, Budgeted { file, budget });
    let source = Packed {
        decoder: XzReader::new_mem_limit(packed, true, MAX_XZ_KIB),
        left: MAX_UNPACKED,
    };
    list_from(source, listed, budget)
}

fn list_from(mut source: impl Source, listed: &mut Listed, budget: &Budget) -> io::Result<()> {
    let mut header = [0; BLOCK as usize];
    let mut said = Said::default();
    let mut is_first = true;
    loop {
        budget.check()?;
        if !source.read(&mut header)? {
            // A tar without its end is read all the same.
            return if is_first { Err(invalid()) } else { Ok(()) };
        }
        if header.iter().all(|byte| *byte == 0) {
            return Ok(());
        }
        if !has_sum(&header) {
            return Err(invalid());
        }
        is_first = false;
        let size = number(&header[124..136]).ok_or_else(invalid)?;
        let padded = size.checked_next_multiple_of(BLOCK).ok_or_else(invalid)?;
        match header[156] {
            kind @ (b'L' | b'x') if size <= MAX_META => {
                let mut content = vec![0; padded as usize];
                if !source.read(&mut content)? {
                    return Err(invalid());
                }
                content.truncate(size as usize);
                if kind == b'L' {
                    content.retain(|byte| *byte != 0);
                    said.name = Some(content);
                } else {
                    said.read(&content);
                }
            }
            // About the archive, or a part of an earlier entry.
            b'g' | b'L' | b'x' | b'K' | b'V' | b'M' => source.skip(padded, budget)?,
            kind => {
                let said = std::mem::take(&mut said);
                let has_content = !matches!(kind, b'1'..=b'6');
                let size = said.size.unwrap_or(size);
                let name = said.name.unwrap_or_else(|| name_in(&header));
                let is_folder = kind == b'5' || name.ends_with(b"/");
                let modified_s = number(&header[136..148]).map(u64::cast_signed);
                listed.push(
                    &Entry {
                        name: &name,
                        is_folder,
                        size: (!is_folder && has_content).then_some(size),
                        modified_s: said.modified_s.or(modified_s),
                        member: None,
                    },
                    budget,
                )?;
                if has_content {
                    let padded = size.checked_next_multiple_of(BLOCK).ok_or_else(invalid)?;
                    source.skip(padded, budget)?;
                }
            }
        }
    }
}

/// What was said about the next entry.
#[derive(Default)]
struct Said {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    modified_s: Option<i64>,
}

impl Said {
    /// Reads the records of a pax header: `length key=value`.
    fn read(&mut self, mut records: &[u8]) {
        while let Some(space) = records.iter().position(|byte| *byte == b' ') {
            let length = str::from_utf8(&records[..space]).ok();
            let length = length.and_then(|length| length.parse::<usize>().ok());
            let Some(record) = length.and_then(|length| records.get(space + 1..length)) else {
                return;
            };
            records = &records[space + 1 + record.len()..];
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            let Some(at) = record.iter().position(|byte| *byte == b'=') else {
                continue;
            };
            let (key, value) = (&record[..at], &record[at + 1..]);
            let text = str::from_utf8(value).unwrap_or_default();
            match key {
                b"path" => self.name = Some(value.to_vec()),
                b"size" => self.size = text.parse().ok(),
                b"mtime" => {
                    let seconds = text.split('.').next().unwrap_or_default();
                    self.modified_s = seconds.parse().ok();
                }
                _ => {}
            }
        }
    }
}

fn name_in(header: &[u8; 512]) -> Vec<u8> {
    let name = until_nul(&header[..100]);
    let prefix = until_nul(&header[345..500]);
    // GNU has other things there.
    if header[257..263] == *b"ustar\0" && !prefix.is_empty() {
        [prefix, b"/", name].concat()
    } else {
        name.to_vec()
    }
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| *byte == 0);
    &bytes[..end.unwrap_or(bytes.len())]
}

/// A number in octal digits, or in GNU's binary form.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let last = field.last_chunk::<8>()?;
        return Some(u64::from_be_bytes(*last)).filter(|number| *number < 1 << 62);
    }
    let digits = field.iter().skip_while(|byte| **byte == b' ');
    let mut number: u64 = 0;
    for digit in digits.take_while(|byte| (b'0'..=b'7').contains(*byte)) {
        number = number.checked_mul(8)? + u64::from(digit - b'0');
    }
    Some(number)
}

/// Whether a header has the sum that it says.
fn has_sum(header: &[u8; 512]) -> bool {
    let sum: u64 = header
        .iter()
        .enumerate()
        .map(|(at, byte)| {
            if (148..156).contains(&at) {
                32
            } else {
                u64::from(*byte)
            }
        })
        .sum();
    number(&header[148..156]) == Some(sum)
}
