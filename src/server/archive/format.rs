//! The records of a zip file, as in PKWARE's APPNOTE 6.3.10, sections 4.3 to 4.5.
//!
//! This is not left to a crate: none was found that knows the exact length of an archive of stored
//! files beforehand, supports more than 4 GiB and 65,535 entries, and can start in the middle.
//! `zip` and `async_zip` only write forward; `zipit` knows the length but supports neither folders
//! nor zip64.

use super::dos_time::DosTime;

/// Sizes and offsets from this value on go into a zip64 field.
const MAX_32: u64 = 0xffff_ffff;

/// Entry counts from this value on go into the zip64 end record.
const MAX_16: u64 = 0xffff;

const VERSION_ZIP64: u16 = 45;
const MADE_BY_UNIX: u16 = 3 << 8;
const NAME_IS_UTF8: u16 = 1 << 11;
const HAS_DESCRIPTOR: u16 = 1 << 3;

/// Length of the extended timestamp, which is in UTC, unlike the zip's own.
const TIMESTAMP_BYTES: u64 = 9;

/// Length of the timestamp of NTFS, which is in UTC, too, and goes further.
const NTFS_BYTES: u64 = 36;

/// Seconds from 1601, where the time of NTFS begins, to 1970.
const FROM_1601_TO_1970_S: i64 = 11_644_473_600;

/// Files up to this size are read before their record is written, so that the checksum can precede
/// the data. Programs that read a zip from a pipe prefer that.
pub const SMALL_BYTES: u64 = 64 * 1024;

/// The kind of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Zip,
    Tar,
}

/// What the records say about a file or folder.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// UTF-8, with `/` between components. A folder's name ends with `/`.
    pub name: &'a [u8],
    pub is_folder: bool,
    /// Bytes; 0 for a folder.
    pub size: u64,
    /// Seconds since 1970.
    pub modified_s: i64,
    /// The same time for the zip's own fields. No length depends on it.
    pub dos_time: DosTime,
}

/// How a record says the exact time of the last change.
enum Timestamp {
    /// Seconds since 1970. Some programs read what is negative as a time in the next century.
    Extended(u32),
    /// Steps of 100 ns since 1601. Fewer programs read it.
    Ntfs(u64),
    /// There is only the zip's own time.
    None,
}

impl Record<'_> {
    /// Whether the checksum follows the data instead of preceding it.
    pub fn has_descriptor(&self) -> bool {
        self.size > SMALL_BYTES
    }

    fn is_large(&self) -> bool {
        self.size >= MAX_32
    }

    fn timestamp(&self) -> Timestamp {
        let seconds = self.modified_s;
        if let (Ok(_), Ok(seconds)) = (i32::try_from(seconds), u32::try_from(seconds)) {
            return Timestamp::Extended(seconds);
        }
        let ticks = seconds
            .checked_add(FROM_1601_TO_1970_S)
            .and_then(|seconds| seconds.checked_mul(10_000_000));
        let ticks = ticks.and_then(|ticks| u64::try_from(ticks).ok());
        ticks.map_or(Timestamp::None, Timestamp::Ntfs)
    }

    fn timestamp_length(&self) -> u64 {
        match self.timestamp() {
            Timestamp::Extended(_) => TIMESTAMP_BYTES,
            Timestamp::Ntfs(_) => NTFS_BYTES,
            Timestamp::None => 0,
        }
    }

    /// Length of the record before the data.
    pub fn local_length(&self) -> u64 {
        let zip64 = if self.is_large() { 20 } else { 0 };
        30 + self.name.len() as u64 + self.timestamp_length() + zip64
    }

    /// Length of the record after the data.
    pub fn descriptor_length(&self) -> u64 {
        match (self.has_descriptor(), self.is_large()) {
            (false, _) => 0,
            (true, false) => 16,
            (true, true) => 24,
        }
    }

    /// Length of everything up to the next entry: records and data.
    pub fn length(&self) -> u64 {
        self.local_length() + self.size + self.descriptor_length()
    }

    /// Length of the record in the central directory, for an entry at `offset`.
    pub fn central_length(&self, offset: u64) -> u64 {
        let zip64 = match (self.is_large(), offset >= MAX_32) {
            (false, false) => 0,
            (true, false) => 4 + 16,
            (false, true) => 4 + 8,
            (true, true) => 4 + 24,
        };
        46 + self.name.len() as u64 + self.timestamp_length() + zip64
    }

    /// The record before the data. `crc` is the checksum of the data, if there is no descriptor.
    pub fn local(&self, crc: u32) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        put32(&mut out, 0x0403_4b50);
        let zip64 = if self.is_large() { 20 } else { 0 };
        self.put_common(&mut out, if self.has_descriptor() { 0 } else { crc });
        put16(&mut out, self.timestamp_length() as u16 + zip64);
        out.extend_from_slice(self.name);
        if self.is_large() {
            put16(&mut out, 1);
            put16(&mut out, 16);
            put64(&mut out, self.size);
            put64(&mut out, self.size);
        }
        self.put_timestamp(&mut out);
        out
    }

    /// The record after the data; empty if there is none.
    pub fn descriptor(&self, crc: u32) -> Vec<u8> {
        let mut out = Vec::with_capacity(24);
        if !self.has_descriptor() {
            return out;
        }
        put32(&mut out, 0x0807_4b50);
        put32(&mut out, crc);
        for _compressed_and_not in 0..2 {
            if self.is_large() {
                put64(&mut out, self.size);
            } else {
                put32(&mut out, low32(self.size));
            }
        }
        out
    }

    /// The record in the central directory, for an entry at `offset`.
    pub fn central(&self, offset: u64, crc: u32) -> Vec<u8> {
        let mut out = Vec::with_capacity(160);
        put32(&mut out, 0x0201_4b50);
        put16(&mut out, MADE_BY_UNIX | VERSION_ZIP64);
        self.put_common(&mut out, crc);
        let fixed = 46 + self.name.len() as u64;
        // At most 64.
        put16(&mut out, (self.central_length(offset) - fixed) as u16);
        put16(&mut out, 0); // comment
        put16(&mut out, 0); // disk
        put16(&mut out, 0); // internal attributes
        let (mode, dos) = if self.is_folder {
            (0o040_755, 0x10)
        } else {
            (0o100_644, 0)
        };
        put32(&mut out, mode << 16 | dos);
        put32(&mut out, low32(offset));
        out.extend_from_slice(self.name);
        if self.is_large() || offset >= MAX_32 {
            put16(&mut out, 1);
            let fields =
                if self.is_large() { 16 } else { 0 } + if offset >= MAX_32 { 8 } else { 0 };
            put16(&mut out, fields);
            if self.is_large() {
                put64(&mut out, self.size);
                put64(&mut out, self.size);
            }
            if offset >= MAX_32 {
                put64(&mut out, offset);
            }
        }
        self.put_timestamp(&mut out);
        out
    }

    /// The fields from "version needed" to the length of the name, which both headers share.
    fn put_common(&self, out: &mut Vec<u8>, crc: u32) {
        put16(out, if self.is_large() { VERSION_ZIP64 } else { 20 });
        let descriptor = if self.has_descriptor() {
            HAS_DESCRIPTOR
        } else {
            0
        };
        put16(out, NAME_IS_UTF8 | descriptor);
        put16(out, 0); // stored
        put32(out, self.dos_time.value());
        put32(out, crc);
        // Even if a descriptor repeats them: without them, programs that read a zip from a pipe
        // couldn't tell where stored data ends.
        put32(out, low32(self.size));
        put32(out, low32(self.size));
        // Checked when the archive is planned.
        put16(out, self.name.len() as u16);
    }

    fn put_timestamp(&self, out: &mut Vec<u8>) {
        match self.timestamp() {
            Timestamp::Extended(seconds) => {
                put16(out, 0x5455);
                put16(out, 5);
                out.push(1);
                put32(out, seconds);
            }
            Timestamp::Ntfs(ticks) => {
                put16(out, 0x000a);
                put16(out, 32);
                put32(out, 0);
                put16(out, 1);
                put16(out, 24);
                // Of the last change, the last access and the creation, the first is known.
                for _time in 0..3 {
                    put64(out, ticks);
                }
            }
            Timestamp::None => {}
        }
    }
}

/// Length of the records after the central directory.
pub fn end_length(entries: u64, central_offset: u64, central_length: u64) -> u64 {
    if needs_zip64(entries, central_offset, central_length) {
        56 + 20 + 22
    } else {
        22
    }
}

/// The records after the central directory.
pub fn end(entries: u64, central_offset: u64, central_length: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(98);
    if needs_zip64(entries, central_offset, central_length) {
        put32(&mut out, 0x0606_4b50);
        put64(&mut out, 56 - 12);
        put16(&mut out, MADE_BY_UNIX | VERSION_ZIP64);
        put16(&mut out, VERSION_ZIP64);
        put32(&mut out, 0); // this disk
        put32(&mut out, 0); // disk of the directory
        put64(&mut out, entries);
        put64(&mut out, entries);
        put64(&mut out, central_length);
        put64(&mut out, central_offset);
        put32(&mut out, 0x0706_4b50);
        put32(&mut out, 0);
        put64(&mut out, central_offset + central_length);
        put32(&mut out, 1);
    }
    // Truncated if they don't fit; the records above count then.
    let short = entries.min(MAX_16) as u16;
    put32(&mut out, 0x0605_4b50);
    put16(&mut out, 0);
    put16(&mut out, 0);
    put16(&mut out, short);
    put16(&mut out, short);
    put32(&mut out, low32(central_length));
    put32(&mut out, low32(central_offset));
    put16(&mut out, 0);
    out
}

fn needs_zip64(entries: u64, central_offset: u64, central_length: u64) -> bool {
    entries >= MAX_16 || central_offset >= MAX_32 || central_length >= MAX_32
}

/// A value for a 32-bit field: all ones if the value is in a zip64 field.
fn low32(value: u64) -> u32 {
    value.min(MAX_32) as u32
}

fn put16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_record_is_as_long_as_was_planned(
            name in "[a-z/]{1,40}",
            size in prop_oneof![0..10_u64, SMALL_BYTES - 2..SMALL_BYTES + 2, MAX_32 - 2..MAX_32 + 2, any::<u64>()],
            offset in prop_oneof![0..10_u64, MAX_32 - 2..MAX_32 + 2, any::<u64>()],
            entries in prop_oneof![0..10_u64, MAX_16 - 2..MAX_16 + 2],
            modified_s in prop_oneof![any::<i64>(), -10..10_i64],
            crc: u32,
        ) {
            let dos_time = DosTime::default();
            let record = Record { name: name.as_bytes(), is_folder: false, size, modified_s, dos_time };
            prop_assert_eq!(record.local(crc).len() as u64, record.local_length());
            prop_assert_eq!(record.descriptor(crc).len() as u64, record.descriptor_length());
            prop_assert_eq!(record.central(offset, crc).len() as u64, record.central_length(offset));
            let (offset, length) = (offset >> 1, size >> 1);
            prop_assert_eq!(end(entries, offset, length).len() as u64, end_length(entries, offset, length));
        }
    }
}
