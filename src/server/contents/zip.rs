//! The directory of a zip (APPNOTE 6.3.10, section 4.3).

use std::{
    collections::HashMap,
    fs::File,
    hash::{BuildHasher, RandomState},
    io,
};

use super::{
    invalid::invalid,
    listed::{Entry, Listed},
};
use crate::server::{transport::read_at, work::Budget};

/// The longest end of a zip: its last record, and a comment.
const MAX_END: u64 = 22 + 65_535;

/// How much of a directory is read at a time. A record is at most three times 64 KiB long.
const PIECE: usize = 256 * 1024;

/// The longest directory that is read.
const MAX_DIRECTORY: u64 = 64 * 1024 * 1024;

/// How many bytes one packed byte may become: each two bits repeat 258 bytes (RFC 1951, section 3.2.5).
const MAX_DEFLATED: u64 = 1032;

const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";
const RECORD: &[u8] = b"PK\x01\x02";

/// Names one of the files in a zip, which may have the same name more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberName {
    pub name: Vec<u8>,
    /// How many others of its name come before it.
    pub after: u32,
}

/// A record of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub name: Vec<u8>,
    pub method: u16,
    pub is_encrypted: bool,
    pub crc: u32,
    pub packed: u64,
    pub size: u64,
    /// Where its local header begins.
    pub offset: u64,
    pub modified_s: Option<i64>,
}

impl Record {
    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.name.ends_with(b"/") || self.name.ends_with(b"\\")
    }

    /// Whether it can be taken out: it is a file, stored or deflated.
    pub fn is_member(&self) -> bool {
        !self.is_folder() && !self.is_encrypted && matches!(self.method, 0 | 8)
    }

    /// Whether a zip of this size can hold so much.
    fn is_possible(&self, size: u64) -> bool {
        let end = self.offset.checked_add(self.packed);
        let is_within = end.is_some_and(|end| end <= size);
        is_within
            && match self.method {
                0 => self.is_encrypted || self.packed == self.size,
                8 => self.size <= self.packed.saturating_mul(MAX_DEFLATED),
                _ => true,
            }
    }
}

/// Lists a zip of this size.
///
/// # Errors
/// If it is none, can't be read, or the budget is used up.
pub fn list(file: &File, size: u64, listed: &mut Listed, budget: &Budget) -> io::Result<()> {
    let hasher = RandomState::new();
    let mut earlier: HashMap<u64, u32> = HashMap::new();
    each(file, size, budget, |record| {
        let is_possible = record.is_possible(size);
        let member = record.is_member().then(|| {
            let earlier = earlier.entry(hasher.hash_one(&record.name)).or_default();
            *earlier += 1;
            *earlier - 1
        });
        listed.push(
            &Entry {
                name: &record.name,
                is_folder: record.is_folder(),
                size: (is_possible && !record.is_folder()).then_some(record.size),
                modified_s: record.modified_s,
                member: member.filter(|_| is_possible),
            },
            budget,
        )?;
        Ok(true)
    })
}

/// The first record with this name that can be taken out.
///
/// # Errors
/// Those of [`find_named`].
pub fn find(file: &File, size: u64, name: &[u8], budget: &Budget) -> io::Result<Record> {
    let name = name.to_vec();
    find_named(file, size, &MemberName { name, after: 0 }, budget)
}

/// The record of a file that can be taken out.
///
/// # Errors
/// `NotFound` if there is none, `InvalidData` if the zip can't hold what it says, and those of reading
/// the directory.
pub fn find_named(
    file: &File,
    size: u64,
    wanted: &MemberName,
    budget: &Budget,
) -> io::Result<Record> {
    let mut found = None;
    let mut before = wanted.after;
    each(file, size, budget, |record| {
        if record.name == wanted.name && record.is_member() {
            match before.checked_sub(1) {
                Some(fewer) => before = fewer,
                None => found = Some(record),
            }
        }
        Ok(found.is_none())
    })?;
    let found = found.ok_or(io::ErrorKind::NotFound)?;
    if found.is_possible(size) {
        Ok(found)
    } else {
        Err(invalid())
    }
}

/// Passes the records to `visit`, until it returns false.
fn each(
    file: &File,
    size: u64,
    budget: &Budget,
    mut visit: impl FnMut(Record) -> io::Result<bool>,
) -> io::Result<()> {
    let (mut at, mut left, shift) = directory(file, size)?;
    let end = at
        .checked_add(left)
        .filter(|end| *end <= size)
        .ok_or_else(invalid)?;
    if left > MAX_DIRECTORY {
        left = MAX_DIRECTORY;
    }
    let mut buffer = Vec::new();
    while left > 0 {
        budget.check()?;
        let length = left.min(PIECE as u64).min(end - at) as usize;
        buffer.resize(length, 0);
        read_exactly(file, at, &mut buffer)?;
        let mut rest = buffer.as_slice();
        while let Some((mut record, length)) = record(rest)? {
            rest = &rest[length..];
            budget.check()?;
            record.offset = record.offset.checked_add(shift).ok_or_else(invalid)?;
            if !visit(record)? {
                return Ok(());
            }
        }
        let used = length - rest.len();
        if used == 0 {
            // Cut off, or too long for any record.
            return Err(invalid());
        }
        at += used as u64;
        left -= used as u64;
    }
    if end > at {
        // There are more than anybody looks through.
        return Err(io::ErrorKind::TimedOut.into());
    }
    Ok(())
}

/// Where the directory is, its length, and how much comes before the zip.
fn directory(file: &File, size: u64) -> io::Result<(u64, u64, u64)> {
    let mut tail = vec![0; size.min(MAX_END) as usize];
    let start = size - tail.len() as u64;
    read_exactly(file, start, &mut tail)?;
    let starts = tail.windows(22).enumerate().rev();
    let mut ends = starts.filter(|(_, window)| window.starts_with(END));
    let (at, end) = ends
        .find(|(at, window)| at + 22 + usize::from(u16_at(window, 20)) <= tail.len())
        .ok_or_else(invalid)?;
    let (length, offset) = (u32_at(end, 12), u32_at(end, 16));
    let at = start + at as u64;
    if length != u32::MAX && offset != u32::MAX && u16_at(end, 10) != u16::MAX {
        // Something may come before a zip, and then the offset counts from its own start.
        let length = u64::from(length);
        let begins = at.checked_sub(length).ok_or_else(invalid)?;
        let mut first = [0; 4];
        if length >= 4 {
            read_exactly(file, begins, &mut first)?;
        }
        let offset = u64::from(offset);
        return Ok(match begins.checked_sub(offset) {
            Some(shift) if first == RECORD => (begins, length, shift),
            _ => (offset, length, 0),
        });
    }
    let mut locator = [0; 20];
    let place = at.checked_sub(20).ok_or_else(invalid)?;
    read_exactly(file, place, &mut locator)?;
    if !locator.starts_with(LOCATOR_64) {
        return Ok((u64::from(offset), u64::from(length), 0));
    }
    let mut end = [0; 56];
    let place = u64_at(&locator, 8);
    if place >= size {
        return Err(invalid());
    }
    read_exactly(file, place, &mut end)?;
    if !end.starts_with(END_64) {
        return Err(invalid());
    }
    Ok((u64_at(&end, 48), u64_at(&end, 40), 0))
}

/// The record at the start of some bytes, and its length; `None` if it is not complete.
fn record(bytes: &[u8]) -> io::Result<Option<(Record, usize)>> {
    if bytes.len() < 46 {
        return Ok(None);
    }
    if !bytes.starts_with(RECORD) {
        return Err(invalid());
    }
    let (name, extra) = (
        usize::from(u16_at(bytes, 28)),
        usize::from(u16_at(bytes, 30)),
    );
    let length = 46 + name + extra + usize::from(u16_at(bytes, 32));
    if bytes.len() < length {
        return Ok(None);
    }
    let mut record = Record {
        name: bytes[46..46 + name].to_vec(),
        method: u16_at(bytes, 10),
        is_encrypted: u16_at(bytes, 8) & 1 != 0,
        crc: u32_at(bytes, 16),
        packed: u64::from(u32_at(bytes, 20)),
        size: u64::from(u32_at(bytes, 24)),
        offset: u64::from(u32_at(bytes, 42)),
        modified_s: from_dos(u16_at(bytes, 14), u16_at(bytes, 12)),
    };
    record.read_extra(&bytes[46 + name..46 + name + extra]);
    Ok(Some((record, length)))
}

impl Record {
    fn read_extra(&mut self, mut extra: &[u8]) {
        while extra.len() >= 4 {
            let (id, length) = (u16_at(extra, 0), usize::from(u16_at(extra, 2)));
            let Some(field) = extra.get(4..4 + length) else {
                return;
            };
            match id {
                1 => {
                    let mut numbers = field.chunks_exact(8).map(|number| u64_at(number, 0));
                    for value in [&mut self.size, &mut self.packed, &mut self.offset] {
                        if *value == u64::from(u32::MAX)
                            && let Some(number) = numbers.next()
                        {
                            *value = number;
                        }
                    }
                }
                // When it was changed, in UTC.
                0x5455 if length >= 5 && field[0] & 1 != 0 => {
                    let seconds = u32_at(field, 1).cast_signed();
                    self.modified_s = Some(i64::from(seconds));
                }
                _ => {}
            }
            extra = &extra[4 + length..];
        }
    }
}

/// Where the bytes of a record begin, behind its local header.
///
/// # Errors
/// If there is no such header, or they would go beyond the end.
pub fn data_of(file: &File, size: u64, record: &Record) -> io::Result<u64> {
    let mut local = [0; 30];
    if record.offset >= size {
        return Err(invalid());
    }
    read_exactly(file, record.offset, &mut local)?;
    if !local.starts_with(b"PK\x03\x04") {
        return Err(invalid());
    }
    let names = u64::from(u16_at(&local, 26)) + u64::from(u16_at(&local, 28));
    let start = record.offset + 30 + names;
    let end = start.checked_add(record.packed);
    end.filter(|end| *end <= size)
        .map(|_| start)
        .ok_or_else(invalid)
}

/// The time of MS-DOS, as if it had been in UTC.
fn from_dos(date: u16, time: u16) -> Option<i64> {
    let day = chrono::NaiveDate::from_ymd_opt(
        1980 + i32::from(date >> 9),
        u32::from(date >> 5 & 15),
        u32::from(date & 31),
    )?;
    let time = day.and_hms_opt(
        u32::from(time >> 11),
        u32::from(time >> 5 & 63),
        u32::from(time & 31) * 2,
    )?;
    Some(time.and_utc().timestamp())
}

fn read_exactly(file: &File, at: u64, buffer: &mut [u8]) -> io::Result<()> {
    if read_at(file, at, buffer)? == buffer.len() {
        Ok(())
    } else {
        Err(invalid())
    }
}

// All of these are within what was read.
fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
