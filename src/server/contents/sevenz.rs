//! The header of a 7z (7zFormat.txt of the LZMA SDK). It is usually compressed itself, but nothing else
//! is unpacked.

use std::{fs::File, io};

use super::{
    invalid::invalid,
    listed::{Entry, Listed, MAX_NAME_BYTES},
    sevenz_reader::{Reader, Seen},
    sevenz_streams::{MAX_HEADER, Packed, START, Streams},
};
use crate::server::{transport::read_at, work::Budget};

const SIGNATURE: &[u8] = b"7z\xbc\xaf\x27\x1c";

/// How often a header may be packed in another one.
const MAX_LAYERS: usize = 4;

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
            0x17 => {
                let packed = Packed::of(Streams::read(&mut reader, budget)?)?;
                // The one that it comes from is no longer needed.
                drop(std::mem::take(&mut header));
                header = packed.unpack(file, size, budget)?;
            }
            _ => return Err(invalid()),
        }
    }
    Err(invalid())
}

/// Lists the files of a header that is not packed.
fn list_header(mut reader: Reader<'_>, listed: &mut Listed, budget: &Budget) -> io::Result<()> {
    let mut sizes = Vec::new();
    let mut seen = Seen::default();
    loop {
        budget.check()?;
        match seen.first(reader.byte()?)? {
            0x00 => return Ok(()),
            0x02 => loop {
                budget.check()?;
                if reader.byte()? == 0 {
                    break;
                }
                let length = reader.number()?;
                reader.take(length)?;
            },
            0x03 => {
                Streams::read(&mut reader, budget)?;
            }
            0x04 => sizes = Streams::read(&mut reader, budget)?.sizes,
            0x05 => return list_files(&mut reader, &sizes, listed, budget),
            _ => return Err(invalid()),
        }
    }
}

fn list_files(
    reader: &mut Reader<'_>,
    sizes: &[u64],
    listed: &mut Listed,
    budget: &Budget,
) -> io::Result<()> {
    let count = reader.count_of_bits()?;
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
                files.has_time = content.all_or_bits(count)?;
                if content.byte()? == 0 {
                    files.times = content.0;
                }
            }
            _ => {}
        }
    }
    files.list(sizes, listed, budget)
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
    /// Whether each says when it was changed.
    has_time: Vec<bool>,
    /// The times of those.
    times: &'a [u8],
}

impl Files<'_> {
    fn list(&self, sizes: &[u64], listed: &mut Listed, budget: &Budget) -> io::Result<()> {
        let mut names = self
            .names
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let (mut sizes, mut is_file) = (sizes.iter(), self.is_file.iter());
        let mut times = Reader(self.times);
        for (index, is_empty) in self.is_empty.iter().enumerate() {
            budget.check()?;
            let name = names.by_ref().take_while(|unit| *unit != 0);
            let letters = char::decode_utf16(name)
                .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER));
            let mut name = String::new();
            for letter in letters {
                // One may be as long as the header.
                if name.len() <= MAX_NAME_BYTES {
                    name.push(letter);
                }
            }
            let is_folder = *is_empty && !is_file.next().copied().unwrap_or_default();
            let size = if *is_empty {
                Some(0)
            } else {
                sizes.next().copied()
            };
            let has_time = self.has_time.get(index).copied().unwrap_or_default();
            let time = has_time.then(|| times.u64().ok()).flatten();
            listed.push(
                &Entry {
                    name: name.as_bytes(),
                    is_folder,
                    size: size.filter(|_| !is_folder),
                    modified_s: time.map(from_filetime),
                    member: None,
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

fn read(file: &File, at: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length as usize];
    if read_at(file, at, &mut bytes)? < bytes.len() {
        return Err(invalid());
    }
    Ok(bytes)
}
