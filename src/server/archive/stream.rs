//! The bytes of a planned archive, from any place to any other.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use crc32fast::Hasher;

use super::crc::Checksums;
use super::format::end;
use super::plan::{Plan, SMALL_BYTES};
use crate::server::transport::{Source, read_at, read_now};

/// Bytes that are made at a time. A slow visitor has two of these in memory.
const CHUNK_BYTES: usize = 64 * 1024;

/// The same where no disk has to be waited for, and nothing is made ahead. actix-web's buffer may
/// take twice as much of a visitor who takes it in crumbs.
const CHUNK_BYTES_NOW: usize = 80 * 1024;

/// Opening many small files takes longer than sending them, and to go on in the middle of an archive
/// they may all have to be read.
const MAX_OPENED_NOW: usize = 16;

/// Writes an archive.
pub struct Zip {
    plan: Arc<Plan>,
    checksums: Arc<Checksums>,
    /// What is still to be sent.
    left: Range<u64>,
    /// Whether it began at the start, so that every file's checksum is that of what was sent.
    is_whole: bool,
    /// Of files that were sent and are not as planned, by entry.
    deviating: HashMap<usize, u32>,
    current: Option<Current>,
    /// The next record of the central directory, and where it begins.
    central: (usize, u64),
    /// Whether it may wait for the disk just now.
    may_wait: bool,
    /// Files that were opened for the chunk at hand.
    opened: usize,
}

/// The file that is being sent.
struct Current {
    index: usize,
    data: Data,
}

enum Data {
    /// Read already.
    Small {
        content: Vec<u8>,
        is_as_planned: bool,
    },
    /// Hashed as it is sent, unless that began in the middle.
    Large {
        file: File,
        hasher: Hasher,
        hashed: u64,
        is_as_planned: bool,
    },
}

impl Zip {
    /// The bytes of `range` of an archive.
    pub fn new(plan: Arc<Plan>, checksums: Arc<Checksums>, range: Range<u64>) -> Zip {
        Zip {
            deviating: HashMap::new(),
            central: (0, plan.central().start),
            is_whole: range.start == 0,
            left: range,
            current: None,
            may_wait: true,
            opened: 0,
            checksums,
            plan,
        }
    }

    /// Adds what is at the start of what is left.
    fn step(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        let central = self.plan.central();
        if self.left.start >= central.end {
            let record = end(
                self.plan.count() as u64,
                central.start,
                central.end - central.start,
            );
            self.put(out, &record, central.end);
            return Ok(());
        }
        if self.left.start >= central.start {
            return self.step_central(out);
        }
        let plan = Arc::clone(&self.plan);
        let index = plan.entry_at(self.left.start);
        let record = plan.record(index);
        let data_start = plan.offset(index) + record.local_length();
        let data_end = data_start + record.size;
        if self.left.start < data_start {
            let crc = if record.has_descriptor || record.size == 0 {
                0
            } else {
                self.crc(index)?
            };
            self.put(out, &record.local(crc), plan.offset(index));
        } else if self.left.start < data_end {
            self.put_data(out, index, data_start, data_end)?;
        } else {
            let crc = self.crc(index)?;
            self.put(out, &record.descriptor(crc), data_end);
        }
        Ok(())
    }

    fn step_central(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        let plan = Arc::clone(&self.plan);
        loop {
            let (index, start) = self.central;
            let record = plan.record(index);
            let length = record.central_length(plan.offset(index));
            if start + length > self.left.start {
                let crc = self.crc(index)?;
                self.put(out, &record.central(plan.offset(index), crc), start);
                return Ok(());
            }
            self.central = (index + 1, start + length);
        }
    }

    /// Adds as much of a record that begins at `start` as is left to send.
    fn put(&mut self, out: &mut Vec<u8>, record: &[u8], start: u64) {
        // A record is short, and the next byte to send is in it.
        let from = (self.left.start - start) as usize;
        let to = record.len().min(from + self.length_left());
        out.extend_from_slice(&record[from..to]);
        self.left.start += (to - from) as u64;
    }

    fn put_data(
        &mut self,
        out: &mut Vec<u8>,
        index: usize,
        start: u64,
        end: u64,
    ) -> io::Result<()> {
        let place = self.left.start - start;
        let room = self.chunk_bytes().saturating_sub(out.len()).max(1);
        let until_end = usize::try_from(end - self.left.start).unwrap_or(usize::MAX);
        let length = room.min(until_end).min(self.length_left());
        let is_last = length == until_end;
        self.open(index)?;
        let Some(Current { data, .. }) = &mut self.current else {
            return Err(io::ErrorKind::NotFound.into());
        };
        match data {
            Data::Small { content, .. } => {
                let place = place as usize;
                let part = content.get(place..place + length);
                out.extend_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
            }
            Data::Large {
                file,
                hasher,
                hashed,
                is_as_planned,
            } => {
                let before = out.len();
                out.resize(before + length, 0);
                let read = read_whole(file, place, &mut out[before..], self.may_wait);
                if let Err(error) = read {
                    out.truncate(before);
                    return Err(error);
                }
                if *hashed == place {
                    hasher.update(&out[before..]);
                    *hashed += length as u64;
                }
                if is_last && *hashed == end - start {
                    let crc = hasher.clone().finalize();
                    let is_as_planned = *is_as_planned;
                    self.keep(index, crc, is_as_planned);
                }
            }
        }
        self.left.start += length as u64;
        if is_last {
            self.current = None;
        }
        Ok(())
    }

    fn keep(&mut self, index: usize, crc: u32, is_as_planned: bool) {
        if is_as_planned {
            self.plan.set_crc(index, crc);
            self.checksums.put(&self.plan.kept(index), crc);
        } else {
            self.deviating.insert(index, crc);
        }
    }

    /// The checksum of an entry; reads its file if that has to be.
    fn crc(&mut self, index: usize) -> io::Result<u32> {
        let kept = self.plan.kept(index);
        if kept.size == 0 {
            return Ok(0);
        }
        let deviating = self.deviating.get(&index).copied();
        let as_planned = || self.plan.crc(index).or_else(|| self.checksums.get(&kept));
        // Right in front of a file what counts is what is about to be sent, and that is only known
        // when the file is open.
        let is_in_front = self.is_whole && self.left.start <= self.plan.offset(index);
        let known = deviating.or_else(|| (!is_in_front).then(as_planned)?);
        if let Some(crc) = known {
            return Ok(crc);
        }
        self.open(index)?;
        let Some(Current { data, .. }) = &self.current else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let (crc, is_as_planned) = match data {
            Data::Small {
                content,
                is_as_planned,
            } => (crc32fast::hash(content), *is_as_planned),
            Data::Large {
                file,
                is_as_planned,
                ..
            } if self.may_wait => (crc_of(file, kept.size)?, *is_as_planned),
            Data::Large { .. } => return Err(io::ErrorKind::WouldBlock.into()),
        };
        self.keep(index, crc, is_as_planned);
        Ok(crc)
    }

    /// Makes an entry's file the current one.
    fn open(&mut self, index: usize) -> io::Result<()> {
        if self
            .current
            .as_ref()
            .is_some_and(|current| current.index == index)
        {
            return Ok(());
        }
        let planned = self.plan.kept(index);
        let (file, kept) = if self.may_wait {
            self.plan.open(index)?
        } else {
            let opened = self.plan.open_now(index);
            opened.ok_or(io::ErrorKind::WouldBlock)?
        };
        self.opened += 1;
        // Sent from the start, a file that has grown or was written to is still a whole file with
        // the right checksum; another file in its place is only if it is as long. Going on in the
        // middle of another content would be neither.
        let is_as_planned = kept == planned;
        let is_whole = kept.size == planned.size
            || kept.size > planned.size && kept.identity == planned.identity;
        if !is_whole || !(self.is_whole || is_as_planned) {
            return Err(io::Error::other(
                "a file has changed since the archive was planned",
            ));
        }
        let data = if planned.size <= SMALL_BYTES {
            let mut content = vec![0; planned.size as usize];
            read_whole(&file, 0, &mut content, self.may_wait)?;
            Data::Small {
                content,
                is_as_planned,
            }
        } else {
            Data::Large {
                file,
                hasher: Hasher::new(),
                hashed: 0,
                is_as_planned,
            }
        };
        self.current = Some(Current { index, data });
        Ok(())
    }

    fn length_left(&self) -> usize {
        usize::try_from(self.left.end - self.left.start).unwrap_or(usize::MAX)
    }

    /// About the length of a chunk.
    fn chunk_bytes(&self) -> usize {
        if self.may_wait {
            CHUNK_BYTES
        } else {
            CHUNK_BYTES_NOW
        }
    }

    /// The next chunk; `WouldBlock` if it may not wait and there is nothing of it in memory.
    fn chunk(&mut self, may_wait: bool) -> io::Result<Option<Bytes>> {
        if self.left.is_empty() {
            return Ok(None);
        }
        self.may_wait = may_wait;
        self.opened = 0;
        // With room for the record that comes last, which may go beyond.
        let mut out = Vec::with_capacity(self.chunk_bytes() + 1024);
        while !self.left.is_empty() && out.len() < self.chunk_bytes() {
            match self.step(&mut out) {
                // What there is already goes first.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && !out.is_empty() => break,
                done => done?,
            }
            if !may_wait && self.opened >= MAX_OPENED_NOW {
                break;
            }
        }
        Ok(Some(out.into()))
    }
}

impl Source for Zip {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        self.chunk(true)
    }

    fn next_now(&mut self) -> io::Result<Option<Bytes>> {
        self.chunk(false)
    }
}

/// Fills a buffer from a place in a file.
fn read_whole(file: &File, place: u64, buffer: &mut [u8], may_wait: bool) -> io::Result<()> {
    let (is_whole, error) = if may_wait {
        let read = read_at(file, place, buffer)?;
        (read == buffer.len(), io::ErrorKind::UnexpectedEof)
    } else {
        (read_now(file, place, buffer), io::ErrorKind::WouldBlock)
    };
    is_whole.then_some(()).ok_or_else(|| error.into())
}

fn crc_of(file: &File, size: u64) -> io::Result<u32> {
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut place = 0;
    while place < size {
        let length = (size - place).min(CHUNK_BYTES as u64) as usize;
        read_whole(file, place, &mut buffer[..length], true)?;
        hasher.update(&buffer[..length]);
        place += length as u64;
    }
    Ok(hasher.finalize())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::server::archive::plan::Root;
    use crate::server::folder::{Folder, Found};
    use crate::server::path::RequestPath;
    use crate::server::share::FolderPlace;

    #[test]
    fn what_is_made_at_once_is_what_is_made_with_a_wait() {
        let dir = tempfile::tempdir().unwrap();
        for (name, length) in [
            ("a", 0),
            ("b", 1),
            ("c", 65_536),
            ("d", 65_537),
            ("e", 700_000),
        ] {
            let content: Vec<u8> = (0..length).map(|byte| (byte % 251) as u8).collect();
            std::fs::write(dir.path().join(name), content).unwrap();
        }
        for number in 0..100 {
            std::fs::write(dir.path().join(format!("small {number}")), "s").unwrap();
        }
        let folder = Folder::open_ambient(dir.path(), false).unwrap();
        let Found::Folder { path, dir } = folder.find(&RequestPath::default()).unwrap() else {
            panic!("it is a folder");
        };
        let place = FolderPlace { folder, path, dir };
        let plan = Arc::new(Plan::new(vec![Root::folder(place, b"x")]).unwrap());
        for start in [0, 1, 70_000, 150_000, plan.central().start - 5] {
            let zip = || {
                let range = start..plan.length();
                Zip::new(Arc::clone(&plan), Arc::default(), range)
            };
            let (mut waiting, mut quick) = (zip(), zip());
            let (mut expected, mut made, mut at_once) = (Vec::new(), Vec::new(), 0);
            while let Some(chunk) = waiting.next().unwrap() {
                expected.extend_from_slice(&chunk);
            }
            loop {
                let chunk = match quick.next_now() {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => quick.next(),
                    chunk => chunk.inspect(|_| at_once += 1),
                };
                let Some(chunk) = chunk.unwrap() else { break };
                made.extend_from_slice(&chunk);
            }
            assert!(made == expected, "from {start}");
            // Where the system tells what is in memory, and what was just written is.
            let last = plan.count() - 1;
            let (file, kept) = plan.open(last).unwrap();
            let is_told = plan.open_now(last).is_some()
                && read_now(&file, 0, &mut vec![0; kept.size as usize]);
            assert_eq!(at_once > 1, is_told, "from {start}");
        }
    }
}
