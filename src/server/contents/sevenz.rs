//! The header of a 7z (7zFormat.txt of the LZMA SDK). It is usually compressed itself, but nothing else
//! is unpacked.

use std::{
    fs::File,
    io::{self, Read},
};

use lzma_rust2::{Lzma2Reader, LzmaReader};

use super::{
    invalid::invalid,
    listed::{Entry, Listed},
};
use crate::server::{transport::read_at, work::Budget};

const SIGNATURE: &[u8] = b"7z\xbc\xaf\x27\x1c";

/// The length of what comes first.
const START: u64 = 32;

/// The longest header that is read, and that it may be unpacked to.
const MAX_HEADER: u64 = 8 * 1024 * 1024;

/// How often a header may be packed in another one.
const MAX_LAYERS: usize = 4;

/// The most files that are looked at.
const MAX_FILES: u64 = 400_000;

/// The most that is unpacked at a time.
const MAX_DICTIONARY: u32 = MAX_HEADER as u32;

/// Seconds from 1601 to 1970, from which FILETIME counts.
const FROM_1601_S: i64 = 11_644_473_600;

/// Lists a 7z of this size.
///
/// # Errors
/// If it is none, can't be read, or the budget is used up.
pub fn list(file: &File, size: u64, listed: &mut Listed, budget: &Budget) -> io::Result<()> {
    let start = read(file, 0, START)?;
    if !start.starts_with(SIGNATURE) {
        return Err(invalid());
    }
    let mut fields = Reader(&start[12..]);
    let (offset, length) = (fields.u64()?, fields.u64()?);
    if length == 0 {
        return Ok(());
    }
    let at = START.checked_add(offset).ok_or_else(invalid)?;
    if length > MAX_HEADER || at.checked_add(length).is_none_or(|end| end > size) {
        return Err(invalid());
    }
    let mut header = read(file, at, length)?;
    for _ in 0..MAX_LAYERS {
        budget.check()?;
        let mut reader = Reader(&header);
        match reader.byte()? {
            0x01 => return list_header(reader, listed, budget),
            0x17 => header = unpacked(file, size, &Streams::read(&mut reader)?)?,
            _ => return Err(invalid()),
        }
    }
    Err(invalid())
}

/// A header that is packed in the only folder of these streams.
fn unpacked(file: &File, size: u64, streams: &Streams) -> io::Result<Vec<u8>> {
    let (Some(folder), Some(packed)) = (streams.folders.first(), streams.packed.first()) else {
        return Err(invalid());
    };
    let length = *folder.sizes.last().ok_or_else(invalid)?;
    let at = START.checked_add(streams.position).ok_or_else(invalid)?;
    let is_within = at.checked_add(*packed).is_some_and(|end| end <= size);
    if length > MAX_HEADER || *packed > MAX_HEADER || !is_within {
        return Err(invalid());
    }
    let packed = read(file, at, *packed)?;
    // No more than that can be referred to.
    let dictionary = |wanted: u32| wanted.min(MAX_DICTIONARY).min(length as u32).max(4096);
    let (method, properties) = folder.coder.as_ref().ok_or_else(invalid)?;
    let mut header = Vec::new();
    match (method.as_slice(), properties.as_slice()) {
        ([0], _) => header = packed,
        ([3, 1, 1], [first, wanted @ ..]) if wanted.len() == 4 => {
            let wanted = u32::from_le_bytes([wanted[0], wanted[1], wanted[2], wanted[3]]);
            let reader = LzmaReader::new_with_props(
                packed.as_slice(),
                length,
                *first,
                dictionary(wanted),
                None,
            );
            reader?.take(length).read_to_end(&mut header)?;
        }
        ([0x21], [_]) => {
            let reader = Lzma2Reader::new(packed.as_slice(), dictionary(u32::MAX), None);
            reader.take(length).read_to_end(&mut header)?;
        }
        // Encrypted, or something that nobody packs headers with.
        _ => return Err(invalid()),
    }
    if header.len() as u64 == length {
        Ok(header)
    } else {
        Err(invalid())
    }
}

/// What a header says about packed streams.
#[derive(Default)]
struct Streams {
    position: u64,
    /// The lengths of the packed streams.
    packed: Vec<u64>,
    folders: Vec<Folder>,
    /// The sizes of all files that are not empty.
    sizes: Vec<u64>,
}

/// The sections that were read. A header with one of them twice is as large as somebody likes.
#[derive(Default)]
struct Seen(u64);

impl Seen {
    /// The ID of a section, if it is the first of its kind.
    fn first(&mut self, id: u8) -> io::Result<u8> {
        let mark = 1_u64.checked_shl(u32::from(id)).unwrap_or_default();
        if mark == 0 || self.0 & mark != 0 {
            return Err(invalid());
        }
        self.0 |= mark;
        Ok(id)
    }
}

struct Folder {
    /// The method and the properties of its coder, if it has only one.
    coder: Option<(Vec<u8>, Vec<u8>)>,
    /// The length of what comes out of each coder.
    sizes: Vec<u64>,
    /// Which of them is that of its files.
    main: usize,
    has_sum: bool,
}

impl Folder {
    fn size(&self) -> u64 {
        self.sizes.get(self.main).copied().unwrap_or_default()
    }
}

impl Streams {
    fn read(reader: &mut Reader<'_>) -> io::Result<Self> {
        let mut streams = Self::default();
        let mut has_files = false;
        let mut seen = Seen::default();
        loop {
            match seen.first(reader.byte()?)? {
                0x00 => break,
                0x06 => streams.read_packed(reader)?,
                0x07 => streams.read_folders(reader)?,
                0x08 => {
                    streams.read_files(reader)?;
                    has_files = true;
                }
                _ => return Err(invalid()),
            }
        }
        if !has_files {
            streams.sizes = streams.folders.iter().map(Folder::size).collect();
        }
        Ok(streams)
    }

    fn read_packed(&mut self, reader: &mut Reader<'_>) -> io::Result<()> {
        self.position = reader.number()?;
        let count = reader.count()?;
        loop {
            match reader.byte()? {
                0x00 => return Ok(()),
                0x09 => {
                    for _ in 0..count {
                        self.packed.push(reader.number()?);
                    }
                }
                0x0a => {
                    reader.sums(count)?;
                }
                _ => return Err(invalid()),
            }
        }
    }

    fn read_folders(&mut self, reader: &mut Reader<'_>) -> io::Result<()> {
        if reader.byte()? != 0x0b {
            return Err(invalid());
        }
        let count = reader.count()?;
        if reader.byte()? != 0 {
            return Err(invalid());
        }
        let mut outs = Vec::new();
        for _ in 0..count {
            let (folder, streams) = read_folder(reader)?;
            self.folders.push(folder);
            outs.push(streams);
        }
        if reader.byte()? != 0x0c {
            return Err(invalid());
        }
        for (folder, streams) in self.folders.iter_mut().zip(outs) {
            for _ in 0..streams {
                folder.sizes.push(reader.number()?);
            }
        }
        loop {
            match reader.byte()? {
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
    fn read_files(&mut self, reader: &mut Reader<'_>) -> io::Result<()> {
        let mut counts = vec![1; self.folders.len()];
        let mut id = reader.byte()?;
        if id == 0x0d {
            let mut all: u64 = 0;
            for count in &mut counts {
                *count = reader.number()?;
                all = all.checked_add(*count).ok_or_else(invalid)?;
                if all > MAX_FILES {
                    return Err(invalid());
                }
            }
            id = reader.byte()?;
        }
        for (folder, count) in self.folders.iter().zip(&counts) {
            let mut left = folder.size();
            for number in 1..=*count {
                let size = if number == *count {
                    left
                } else if id == 0x09 {
                    reader.number()?
                } else {
                    return Err(invalid());
                };
                left = left.saturating_sub(size);
                self.sizes.push(size);
            }
        }
        if id == 0x09 {
            id = reader.byte()?;
        }
        let folders = self.folders.iter().zip(&counts);
        let sums = folders
            .map(|(folder, count)| match (folder.has_sum, count) {
                (true, 1) => 0,
                (_, count) => *count,
            })
            .sum();
        loop {
            match id {
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

/// A folder without sizes, and how many it has.
fn read_folder(reader: &mut Reader<'_>) -> io::Result<(Folder, u64)> {
    let coders = reader.count()?;
    if coders > 32 {
        return Err(invalid());
    }
    let (mut ins, mut outs, mut coder) = (0_u64, 0_u64, None);
    for _ in 0..coders {
        let flags = reader.byte()?;
        let method = reader.take(u64::from(flags & 15))?.to_vec();
        let (mut more_ins, mut more_outs) = (1, 1);
        if flags & 0x10 != 0 {
            (more_ins, more_outs) = (reader.count()?, reader.count()?);
        }
        (ins, outs) = (ins + more_ins, outs + more_outs);
        if ins > 64 || outs > 64 || flags & 0x80 != 0 {
            return Err(invalid());
        }
        let mut properties = Vec::new();
        if flags & 0x20 != 0 {
            let length = reader.number()?;
            properties = reader.take(length)?.to_vec();
        }
        coder = (coders == 1).then_some((method, properties));
    }
    let pairs = outs.checked_sub(1).ok_or_else(invalid)?;
    let mut bound = Vec::new();
    for _ in 0..pairs {
        reader.number()?;
        bound.push(reader.number()?);
    }
    let packed = ins.checked_sub(pairs).ok_or_else(invalid)?;
    if packed > 1 {
        for _ in 0..packed {
            reader.number()?;
        }
    }
    // What comes out at last goes into no other coder.
    let main = (0..outs)
        .find(|out| !bound.contains(out))
        .unwrap_or_default();
    let folder = Folder {
        coder,
        sizes: Vec::new(),
        main: main as usize,
        has_sum: false,
    };
    Ok((folder, outs))
}

/// Lists the files of a header that is not packed.
fn list_header(mut reader: Reader<'_>, listed: &mut Listed, budget: &Budget) -> io::Result<()> {
    let mut streams = Streams::default();
    loop {
        match reader.byte()? {
            0x00 => return Ok(()),
            0x02 => loop {
                if reader.byte()? == 0 {
                    break;
                }
                let length = reader.number()?;
                reader.take(length)?;
            },
            0x03 => {
                Streams::read(&mut reader)?;
            }
            0x04 => streams = Streams::read(&mut reader)?,
            0x05 => return list_files(&mut reader, &streams, listed, budget),
            _ => return Err(invalid()),
        }
    }
}

fn list_files(
    reader: &mut Reader<'_>,
    streams: &Streams,
    listed: &mut Listed,
    budget: &Budget,
) -> io::Result<()> {
    let count = reader.count()?;
    let mut files = Files {
        is_empty: vec![false; count as usize],
        ..Files::default()
    };
    let mut seen = Seen::default();
    loop {
        budget.check()?;
        let id = reader.byte()?;
        if id == 0 {
            break;
        }
        // Padding, of which there may be more.
        if id != 0x19 {
            seen.first(id)?;
        }
        let length = reader.number()?;
        let mut content = Reader(reader.take(length)?);
        match id {
            0x0e => files.is_empty = content.bits(count)?,
            0x0f => {
                let empty = files.is_empty.iter().filter(|is_empty| **is_empty).count();
                files.is_file = content.bits(empty as u64)?;
            }
            0x11 if content.byte()? == 0 => files.names = content.0,
            0x14 => {
                let known = content.all_or_bits(count)?;
                if content.byte()? == 0 {
                    for is_known in known {
                        let time = if is_known { Some(content.u64()?) } else { None };
                        files.times.push(time.map(from_filetime));
                    }
                }
            }
            _ => {}
        }
    }
    files.list(&streams.sizes, listed, budget)
}

/// What a header says about its files.
#[derive(Default)]
struct Files<'a> {
    /// Whether each has no content: it is a folder, or an empty file.
    is_empty: Vec<bool>,
    /// Whether each of those is a file.
    is_file: Vec<bool>,
    /// In UTF-16, with a zero behind each.
    names: &'a [u8],
    times: Vec<Option<i64>>,
}

impl Files<'_> {
    fn list(&self, sizes: &[u64], listed: &mut Listed, budget: &Budget) -> io::Result<()> {
        let mut names = self
            .names
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let (mut sizes, mut is_file) = (sizes.iter(), self.is_file.iter());
        for (index, is_empty) in self.is_empty.iter().enumerate() {
            budget.check()?;
            let name = names.by_ref().take_while(|unit| *unit != 0);
            let name: String = char::decode_utf16(name)
                .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect();
            let is_folder = *is_empty && !is_file.next().copied().unwrap_or_default();
            let size = if *is_empty {
                Some(0)
            } else {
                sizes.next().copied()
            };
            listed.push(
                &Entry {
                    name: name.as_bytes(),
                    is_folder,
                    size: size.filter(|_| !is_folder),
                    modified_s: self.times.get(index).copied().flatten(),
                    is_member: false,
                },
                budget,
            )?;
        }
        Ok(())
    }
}

fn from_filetime(time: u64) -> i64 {
    (time / 10_000_000).cast_signed() - FROM_1601_S
}

/// What is left of a header.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> io::Result<u8> {
        Ok(self.take(1)?[0])
    }

    fn take(&mut self, length: u64) -> io::Result<&'a [u8]> {
        let length = usize::try_from(length).map_err(|_| invalid())?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(invalid)?;
        self.0 = rest;
        Ok(taken)
    }

    fn u64(&mut self) -> io::Result<u64> {
        let bytes = self.take(8)?.first_chunk().ok_or_else(invalid)?;
        Ok(u64::from_le_bytes(*bytes))
    }

    /// A number of one to nine bytes: the first says how many follow.
    fn number(&mut self) -> io::Result<u64> {
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

    /// The number of things that follow, each of which takes at least a bit.
    fn count(&mut self) -> io::Result<u64> {
        let count = self.number()?;
        if count > 8 * self.0.len() as u64 || count > MAX_FILES {
            return Err(invalid());
        }
        Ok(count)
    }

    fn bits(&mut self, count: u64) -> io::Result<Vec<bool>> {
        let bytes = self.take(count.div_ceil(8))?;
        let bits = (0..count as usize).map(|at| bytes[at / 8] & (0x80 >> (at % 8)) != 0);
        Ok(bits.collect())
    }

    fn all_or_bits(&mut self, count: u64) -> io::Result<Vec<bool>> {
        if self.byte()? == 0 {
            self.bits(count)
        } else {
            Ok(vec![true; count as usize])
        }
    }

    /// Reads over checksums, and says which are there.
    fn sums(&mut self, count: u64) -> io::Result<Vec<bool>> {
        let known = self.all_or_bits(count)?;
        let sums = known.iter().filter(|is_known| **is_known).count();
        self.take(4 * sums as u64)?;
        Ok(known)
    }
}

fn read(file: &File, at: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length as usize];
    if read_at(file, at, &mut bytes)? < bytes.len() {
        return Err(invalid());
    }
    Ok(bytes)
}
