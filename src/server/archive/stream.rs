//! The bytes of a planned zip, from any position to any other.

use std::{collections::HashMap, io, ops::Range, sync::Arc};

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::{
    crc::Checksums,
    current::Current,
    format::{SMALL_BYTES, end},
    plan::Plan,
};
use crate::server::transport::ChunkSource;

/// Size of a chunk. A slow visitor has two of them in memory.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// Size of a chunk that needs no disk; none is prepared ahead then. actix-web's buffer may take
/// twice as much for a visitor who receives very slowly.
pub const CHUNK_BYTES_NOW: usize = 80 * 1024;

/// How many files a chunk that may not wait opens. Opening many small files takes longer than
/// sending them, and resuming in the middle of an archive may read all of them.
pub const MAX_OPENED_NOW: usize = 16;

/// Bytes read per turn, where files are read only for their checksums.
const TURN_BYTES: u64 = 4 * 1024 * 1024;

/// The least that a file counts towards a turn, because opening it takes time, too.
const MIN_COST_BYTES: u64 = 64 * 1024;

/// Writes a zip.
pub struct Zip {
    plan: Arc<Plan>,
    checksums: Arc<Checksums>,
    /// The range still to be sent.
    left: Range<u64>,
    /// Whether it began at the start, so that every checksum is of what was sent.
    is_whole: bool,
    /// Checksums of files that were sent but are not as planned, by entry.
    deviating: HashMap<usize, u32>,
    current: Option<Current>,
    /// The next record of the central directory, and where it begins.
    central: (usize, u64),
    /// Whether waiting for the disk is allowed at the moment.
    may_wait: bool,
    /// Files opened for the current chunk.
    opened: usize,
    /// Whether a file has to be read next, only for its checksum.
    has_to_hash: bool,
    /// Bytes that may still be read only for checksums.
    may_hash: u64,
}

impl Zip {
    /// The bytes of `range` of an archive.
    pub fn new(plan: Arc<Plan>, checksums: Arc<Checksums>, range: Range<u64>) -> Self {
        Self {
            deviating: HashMap::new(),
            central: (0, plan.central().start),
            is_whole: range.start == 0,
            left: range,
            current: None,
            may_wait: true,
            opened: 0,
            has_to_hash: false,
            may_hash: 0,
            checksums,
            plan,
        }
    }

    /// Appends the next part of what is left to send.
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
            let crc = if record.has_descriptor() || record.size == 0 {
                0
            } else {
                self.crc_in_front(index)?
            };
            self.put(out, &record.local(crc), plan.offset(index));
        } else if self.left.start < data_end {
            self.put_data(out, index, data_start, data_end)?;
        } else {
            let crc = self.crc_behind(index)?;
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
                let crc = self.crc_behind(index)?;
                self.put(out, &record.central(plan.offset(index), crc), start);
                return Ok(());
            }
            self.central = (index + 1, start + length);
        }
    }

    /// Appends what is still to be sent of a record that begins at `start`.
    fn put(&mut self, out: &mut Vec<u8>, record: &[u8], start: u64) {
        // A record is short, and contains the next byte to send.
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
        let may_wait = self.may_wait;
        let current = self.open(index)?;
        current.put(out, place, length, may_wait)?;
        if is_last {
            if current.is_large() {
                self.keep_crc();
            }
            self.current = None;
        }
        self.left.start += length as u64;
        Ok(())
    }

    /// Remembers the checksum of the current file, if the whole file was hashed.
    fn keep_crc(&mut self) -> Option<u32> {
        let current = self.current.as_ref()?;
        let crc = current.crc()?;
        if current.is_as_planned {
            self.plan.set_crc(current.index, crc);
            self.checksums.put(&self.plan.stamp(current.index), crc);
        } else {
            self.deviating.insert(current.index, crc);
        }
        Some(crc)
    }

    fn known_crc(&self, index: usize) -> Option<u32> {
        let deviating = self.deviating.get(&index).copied();
        let as_planned = || self.plan.crc(index);
        let as_before = || self.checksums.get(&self.plan.stamp(index));
        deviating.or_else(as_planned).or_else(as_before)
    }

    /// The checksum of a small file, for the record before its data.
    fn crc_in_front(&mut self, index: usize) -> io::Result<u32> {
        // The checksum must be of what is about to be sent, which is only known once the file is
        // open. Unless the archive is whole, the file must also be as planned.
        if !self.is_whole
            && let Some(crc) = self.known_crc(index)
        {
            return Ok(crc);
        }
        self.open(index)?;
        self.keep_crc()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// The checksum of a file that was sent, or that precedes what is sent. `WouldBlock` if the
    /// file has to be read for it and it isn't this download's turn.
    fn crc_behind(&mut self, index: usize) -> io::Result<u32> {
        let size = self.plan.stamp(index).size;
        if size == 0 {
            return Ok(0);
        }
        if let Some(crc) = self.known_crc(index) {
            return Ok(crc);
        }
        let may_hash = if self.may_wait {
            self.may_hash > 0
        } else {
            size <= SMALL_BYTES
        };
        let crc = if may_hash { self.hash(index) } else { Ok(None) };
        match crc {
            Ok(Some(crc)) => return Ok(crc),
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
            _ => {}
        }
        self.has_to_hash = true;
        Err(io::ErrorKind::WouldBlock.into())
    }

    /// Reads a file for its checksum, as far as this turn allows.
    fn hash(&mut self, index: usize) -> io::Result<Option<u32>> {
        let max_bytes = self.may_hash;
        let hashed = self.open(index)?.hash_on(max_bytes)?;
        self.may_hash = max_bytes.saturating_sub(hashed.max(MIN_COST_BYTES));
        Ok(self.keep_crc())
    }

    /// Makes an entry's file the current one.
    fn open(&mut self, index: usize) -> io::Result<&mut Current> {
        let current = match self.current.take() {
            Some(current) if current.index == index => current,
            _ => {
                let opened = Current::open(&self.plan, index, self.is_whole, self.may_wait)?;
                self.opened += 1;
                opened
            }
        };
        Ok(self.current.insert(current))
    }

    fn length_left(&self) -> usize {
        usize::try_from(self.left.end - self.left.start).unwrap_or(usize::MAX)
    }

    /// The approximate length of a chunk.
    fn chunk_bytes(&self) -> usize {
        if self.may_wait {
            CHUNK_BYTES
        } else {
            CHUNK_BYTES_NOW
        }
    }

    /// The next chunk; `WouldBlock` if it may not wait and has nothing in memory.
    fn chunk(&mut self, may_wait: bool) -> io::Result<Option<Bytes>> {
        if self.left.is_empty() {
            return Ok(None);
        }
        self.may_wait = may_wait;
        self.opened = 0;
        // Whoever may wait for the disk has had to wait for a turn, if one was needed.
        let is_turn = std::mem::take(&mut self.has_to_hash) && may_wait;
        self.may_hash = if is_turn { TURN_BYTES } else { 0 };
        // Leaves room for the last record, which may go beyond.
        let mut out = Vec::with_capacity(self.chunk_bytes() + 1024);
        while !self.left.is_empty() && out.len() < self.chunk_bytes() {
            match self.step(&mut out) {
                // Send what is ready first; only a turn has to be waited for.
                Err(error)
                    if error.kind() == io::ErrorKind::WouldBlock
                        && (!out.is_empty() || may_wait && self.has_to_hash) =>
                {
                    break;
                }
                done => done?,
            }
            if !may_wait && self.opened >= MAX_OPENED_NOW {
                break;
            }
        }
        Ok(Some(out.into()))
    }
}

impl ChunkSource for Zip {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        self.chunk(true)
    }

    fn next_now(&mut self) -> io::Result<Option<Bytes>> {
        self.chunk(false)
    }

    fn turns(&self) -> Option<&Arc<Semaphore>> {
        self.has_to_hash.then(|| self.checksums.turns())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::server::{
        archive::{format::Form, root::Root},
        folder::{Folder, Found},
        path::RequestPath,
        share::FolderResource,
        work::Budget,
    };

    fn plan_of(path: &Path) -> Arc<Plan> {
        let folder = Folder::open_ambient(path, false).unwrap();
        let Found::Folder { path, dir } = folder.find(&RequestPath::default()).unwrap() else {
            panic!("it is a folder");
        };
        let place = FolderResource { folder, path, dir };
        Arc::new(
            Plan::new(
                vec![Root::folder(&place, b"x")],
                Form::Zip,
                &Budget::ample(),
            )
            .unwrap(),
        )
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn making_it_at_once_or_with_a_wait_gives_the_same() {
        use crate::server::transport::read_now;

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
        let plan = plan_of(dir.path());
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
            // Newly written data is in memory, and this system can tell.
            let last = plan.count() - 1;
            let (file, stamp) = plan.open(last).unwrap();
            let is_told = plan.open_now(last).is_some()
                && read_now(&file, 0, &mut vec![0; stamp.size as usize]);
            assert_eq!(at_once > 1, is_told, "from {start}");
        }
    }

    #[test]
    fn files_are_read_for_their_checksums_in_turns() {
        let dir = tempfile::tempdir().unwrap();
        let large: Vec<u8> = (0..3 * TURN_BYTES).map(|byte| (byte % 251) as u8).collect();
        std::fs::write(dir.path().join("large"), large).unwrap();
        // 64 of them fit into a turn.
        for number in 0..100 {
            std::fs::write(dir.path().join(format!("small {number}")), "s").unwrap();
        }
        let made = |start: u64| {
            // Without any earlier checksum.
            let plan = plan_of(dir.path());
            let range = plan.central().start * start..plan.length();
            let mut zip = Zip::new(plan, Arc::default(), range);
            let (mut made, mut turns) = (Vec::new(), 0);
            while let Some(chunk) = zip.next().unwrap() {
                made.extend_from_slice(&chunk);
                turns += usize::from(zip.turns().is_some());
            }
            (made, turns)
        };
        let ((whole, none), (end, turns)) = (made(0), made(1));
        assert_eq!((none, turns), (0, 5));
        assert!(whole.ends_with(&end));
    }
}
