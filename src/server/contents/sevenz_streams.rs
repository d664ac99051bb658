//! What the header of a 7z says about packed streams, and a header that is packed itself.

use std::{
    fs::File,
    io::{self, BufReader, Read},
};

use lzma_rust2::{Lzma2Reader, LzmaReader};

use super::{
    invalid::invalid,
    listed::MAX_ENTRIES,
    sevenz_reader::{MAX_FILES, Reader, Seen},
};
use crate::server::{transport::read_at, work::Budget};

/// The length of what comes first.
pub const START: u64 = 32;

/// The longest header that is read, and that it may be unpacked to.
pub const MAX_HEADER: u64 = 8 * 1024 * 1024;

/// How much of a header is read or unpacked at a time.
const PIECE: u64 = 64 * 1024;

/// The most that is unpacked at a time.
const MAX_DICTIONARY: u32 = MAX_HEADER as u32;

/// What a header says about packed streams.
#[derive(Default)]
pub struct Streams {
    position: u64,
    /// The length of the first packed stream.
    packed: Option<u64>,
    folders: Vec<Folder>,
    /// The coder of the first folder, if it has only one.
    coder: Option<Coder>,
    /// The sizes of the files that are not empty, as far as they are listed.
    pub sizes: Vec<u64>,
}

struct Coder {
    method: Vec<u8>,
    properties: Vec<u8>,
}

/// There may be one for each file, so it is small.
struct Folder {
    /// The length of what comes out of it: that of its files.
    size: u64,
    /// The length of what comes out of its last coder.
    last: u64,
    /// How many files are in it.
    files: u32,
    /// What comes out of how many coders.
    outs: u8,
    /// Which of them is that of its files.
    main: u8,
    has_sum: bool,
}

impl Streams {
    pub fn read(reader: &mut Reader<'_>, budget: &Budget) -> io::Result<Self> {
        let mut streams = Self::default();
        let mut has_files = false;
        let mut seen = Seen::default();
        loop {
            budget.check()?;
            match seen.first(reader.byte()?)? {
                0x00 => break,
                0x06 => streams.read_packed(reader, budget)?,
                0x07 => streams.read_folders(reader, budget)?,
                0x08 => {
                    streams.read_files(reader, budget)?;
                    has_files = true;
                }
                _ => return Err(invalid()),
            }
        }
        if !has_files {
            let folders = streams.folders.iter().take(MAX_ENTRIES);
            streams.sizes = folders.map(|folder| folder.size).collect();
        }
        Ok(streams)
    }

    fn read_packed(&mut self, reader: &mut Reader<'_>, budget: &Budget) -> io::Result<()> {
        self.position = reader.number()?;
        let count = reader.count()?;
        let mut seen = Seen::default();
        loop {
            match seen.first(reader.byte()?)? {
                0x00 => return Ok(()),
                0x09 => {
                    for number in 0..count {
                        budget.check_entry(number as usize)?;
                        let length = reader.number()?;
                        self.packed.get_or_insert(length);
                    }
                }
                0x0a => {
                    reader.sums(count)?;
                }
                _ => return Err(invalid()),
            }
        }
    }

    fn read_folders(&mut self, reader: &mut Reader<'_>, budget: &Budget) -> io::Result<()> {
        if reader.byte()? != 0x0b {
            return Err(invalid());
        }
        let count = reader.count()?;
        if reader.byte()? != 0 {
            return Err(invalid());
        }
        self.folders.reserve_exact(count as usize);
        for number in 0..count {
            budget.check_entry(number as usize)?;
            let (folder, coder) = read_folder(reader)?;
            if number == 0 {
                self.coder = coder.map(|(method, properties)| Coder {
                    method: method.to_vec(),
                    properties: properties.to_vec(),
                });
            }
            self.folders.push(folder);
        }
        if reader.byte()? != 0x0c {
            return Err(invalid());
        }
        for (number, folder) in self.folders.iter_mut().enumerate() {
            budget.check_entry(number)?;
            for out in 0..folder.outs {
                folder.last = reader.number()?;
                if out == folder.main {
                    folder.size = folder.last;
                }
            }
        }
        let mut seen = Seen::default();
        loop {
            match seen.first(reader.byte()?)? {
                0x00 => return Ok(()),
                0x0a => {
                    let known = reader.sums(count)?;
                    for (folder, is_known) in self.folders.iter_mut().zip(known) {
                        folder.has_sum = is_known;
                    }
                }
                _ => return Err(invalid()),
            }
        }
    }

    /// The files in each folder. Of the last one in it, the size follows from the others.
    fn read_files(&mut self, reader: &mut Reader<'_>, budget: &Budget) -> io::Result<()> {
        let mut id = reader.byte()?;
        if id == 0x0d {
            let mut all: u64 = 0;
            for (number, folder) in self.folders.iter_mut().enumerate() {
                budget.check_entry(number)?;
                let count = reader.number()?;
                all = all.checked_add(count).ok_or_else(invalid)?;
                if all > MAX_FILES {
                    return Err(invalid());
                }
                folder.files = count as u32;
            }
            id = reader.byte()?;
        }
        let mut sums = 0;
        for (number, folder) in self.folders.iter().enumerate() {
            budget.check_entry(number)?;
            let mut left = folder.size;
            for number in 1..=folder.files {
                let size = if number == folder.files {
                    left
                } else if id == 0x09 {
                    reader.number()?
                } else {
                    return Err(invalid());
                };
                left = left.saturating_sub(size);
                if self.sizes.len() < MAX_ENTRIES {
                    self.sizes.push(size);
                }
            }
            if !folder.has_sum || folder.files != 1 {
                sums += u64::from(folder.files);
            }
        }
        if id == 0x09 {
            id = reader.byte()?;
        }
        let mut seen = Seen::default();
        loop {
            match seen.first(id)? {
                0x00 => return Ok(()),
                0x0a => {
                    reader.sums(sums)?;
                }
                _ => return Err(invalid()),
            }
            id = reader.byte()?;
        }
    }
}

/// The method and the properties of a coder.
type CoderBytes<'a> = (&'a [u8], &'a [u8]);

/// A folder without sizes, and its coder if it has only one.
fn read_folder<'a>(reader: &mut Reader<'a>) -> io::Result<(Folder, Option<CoderBytes<'a>>)> {
    let coders = reader.count()?;
    if coders > 32 {
        return Err(invalid());
    }
    let (mut ins, mut outs, mut coder) = (0_u64, 0_u64, None);
    for _ in 0..coders {
        let flags = reader.byte()?;
        let method = reader.take(u64::from(flags & 15))?;
        let (mut more_ins, mut more_outs) = (1, 1);
        if flags & 0x10 != 0 {
            (more_ins, more_outs) = (reader.count()?, reader.count()?);
        }
        (ins, outs) = (ins + more_ins, outs + more_outs);
        if ins > 64 || outs > 64 || flags & 0x80 != 0 {
            return Err(invalid());
        }
        let mut properties = &[][..];
        if flags & 0x20 != 0 {
            let length = reader.number()?;
            properties = reader.take(length)?;
        }
        coder = (coders == 1).then_some((method, properties));
    }
    let pairs = outs.checked_sub(1).ok_or_else(invalid)?;
    // A bit for each, of which there are at most 64.
    let mut bound: u64 = 0;
    for _ in 0..pairs {
        reader.number()?;
        let out = u32::try_from(reader.number()?).unwrap_or(u32::MAX);
        bound |= 1_u64.checked_shl(out).unwrap_or_default();
    }
    let packed = ins.checked_sub(pairs).ok_or_else(invalid)?;
    if packed > 1 {
        for _ in 0..packed {
            reader.number()?;
        }
    }
    // What comes out at last goes into no other coder.
    let main = bound.trailing_ones() as u8;
    let folder = Folder {
        size: 0,
        last: 0,
        files: 1,
        outs: outs as u8,
        main,
        has_sum: false,
    };
    Ok((folder, coder))
}

/// A header that is packed in the only folder of some streams.
pub struct Packed {
    position: u64,
    packed: u64,
    length: u64,
    coder: Coder,
}

impl Packed {
    pub fn of(streams: Streams) -> io::Result<Self> {
        let ([folder], Some(packed)) = (streams.folders.as_slice(), streams.packed) else {
            return Err(invalid());
        };
        Ok(Self {
            position: streams.position,
            packed,
            length: folder.last,
            coder: streams.coder.ok_or_else(invalid)?,
        })
    }

    pub fn unpack(&self, file: &File, size: u64, budget: &Budget) -> io::Result<Vec<u8>> {
        let length = self.length;
        let at = START.checked_add(self.position).ok_or_else(invalid)?;
        let end = at.checked_add(self.packed).filter(|end| *end <= size);
        if length > MAX_HEADER || self.packed > MAX_HEADER {
            return Err(invalid());
        }
        let end = end.ok_or_else(invalid)?;
        let part = Part { file, at, end };
        let packed = BufReader::with_capacity(PIECE as usize, part);
        // No more than that can be referred to.
        let dictionary = |wanted: u32| wanted.min(MAX_DICTIONARY).min(length as u32).max(4096);
        let header = match (
            self.coder.method.as_slice(),
            self.coder.properties.as_slice(),
        ) {
            ([0], _) => read_all(packed, length, budget)?,
            ([3, 1, 1], [first, wanted @ ..]) if wanted.len() == 4 => {
                let wanted = u32::from_le_bytes([wanted[0], wanted[1], wanted[2], wanted[3]]);
                let wanted = dictionary(wanted);
                let reader = LzmaReader::new_with_props(packed, length, *first, wanted, None)?;
                read_all(reader, length, budget)?
            }
            ([0x21], [_]) => {
                let reader = Lzma2Reader::new(packed, dictionary(u32::MAX), None);
                read_all(reader, length, budget)?
            }
            // Encrypted, or something that nobody packs headers with.
            _ => return Err(invalid()),
        };
        if header.len() as u64 == length {
            Ok(header)
        } else {
            Err(invalid())
        }
    }
}

/// A part of a file.
struct Part<'a> {
    file: &'a File,
    at: u64,
    end: u64,
}

impl Read for Part<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = (self.end - self.at).min(buffer.len() as u64) as usize;
        let read = read_at(self.file, self.at, &mut buffer[..length])?;
        self.at += read as u64;
        Ok(read)
    }
}

/// At most so many bytes, in pieces between which the budget is asked.
fn read_all(mut reader: impl Read, length: u64, budget: &Budget) -> io::Result<Vec<u8>> {
    let mut all = Vec::with_capacity(length as usize);
    while (all.len() as u64) < length {
        budget.check()?;
        let piece = PIECE.min(length - all.len() as u64);
        if reader.by_ref().take(piece).read_to_end(&mut all)? == 0 {
            break;
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Streams in so many folders with a coder each.
    fn folders(count: u16) -> Vec<u8> {
        let [low, high] = count.to_le_bytes();
        let count = usize::from(count);
        let number = [0x80 | 0x40, low, high];
        let folder = [1_u8, 0x21, 0x21, 1, 0];
        [
            &[7, 0x0b][..],
            &number,
            &[0],
            &folder.repeat(count),
            &[0x0c],
            &[1_u8].repeat(count),
            &[0, 0],
        ]
        .concat()
    }

    #[test]
    fn folders_are_small_and_reading_many_ends_with_the_budget() {
        let bytes = folders(5000);
        let streams = Streams::read(&mut Reader(&bytes), &Budget::ample()).unwrap();
        assert_eq!(streams.sizes, [1; 5000]);
        assert!(streams.folders.capacity() * size_of::<Folder>() <= 24 * 5000);
        for checks in [100, 6000] {
            let read = Streams::read(&mut Reader(&bytes), &Budget::of_checks(checks));
            let error = read.err().map(|error| error.kind());
            assert_eq!(error, Some(io::ErrorKind::TimedOut));
        }
    }

    #[test]
    fn nothing_is_kept_for_folders_that_are_not_there() {
        let mut bytes = folders(5000);
        bytes.truncate(3000);
        let read = Streams::read(&mut Reader(&bytes), &Budget::of_checks(2));
        let error = read.err().map(|error| error.kind());
        assert_eq!(error, Some(io::ErrorKind::InvalidData));
    }
}
