//! The bytes of a planned tar, from any position to any other.

use std::{io, ops::Range, sync::Arc};

use bytes::Bytes;

use super::{
    current::Current,
    plan::Plan,
    stream::{CHUNK_BYTES, CHUNK_BYTES_NOW, MAX_OPENED_NOW},
    tar_format::END_LENGTH,
};
use crate::server::transport::ChunkSource;

/// Writes a tar.
pub struct Tar {
    plan: Arc<Plan>,
    /// The range still to be sent.
    left: Range<u64>,
    /// Whether it began at the start, so that files that have changed may be sent.
    is_whole: bool,
    current: Option<Current>,
    /// Files opened for the current chunk.
    opened: usize,
}

impl Tar {
    /// The bytes of `range` of the archive of a plan for a tar.
    pub fn new(plan: Arc<Plan>, range: Range<u64>) -> Self {
        Self {
            is_whole: range.start == 0,
            left: range,
            current: None,
            opened: 0,
            plan,
        }
    }

    /// Appends the next part of what is left to send.
    fn step(&mut self, out: &mut Vec<u8>, room: usize, may_wait: bool) -> io::Result<()> {
        let end = self.plan.central().end;
        if self.left.start >= end {
            self.put(out, &[0; END_LENGTH as usize], end);
            return Ok(());
        }
        let plan = Arc::clone(&self.plan);
        let index = plan.entry_at(self.left.start);
        let record = plan.record(index);
        let data_start = plan.offset(index) + record.tar_headers_length();
        let data_end = data_start + record.size;
        if self.left.start < data_start {
            self.put(out, &record.tar_headers(), plan.offset(index));
        } else if self.left.start < data_end {
            let until_end = usize::try_from(data_end - self.left.start).unwrap_or(usize::MAX);
            let length = room.min(until_end).min(self.length_left());
            let place = self.left.start - data_start;
            let current = self.open(index, may_wait)?;
            current.put(out, place, length, may_wait)?;
            if length == until_end {
                self.current = None;
            }
            self.left.start += length as u64;
        } else {
            self.put(out, &record.tar_padding(), data_end);
        }
        Ok(())
    }

    /// Appends what is still to be sent of a record that begins at `start`.
    fn put(&mut self, out: &mut Vec<u8>, record: &[u8], start: u64) {
        // A record is short, and contains the next byte to send.
        let from = (self.left.start - start) as usize;
        let to = record.len().min(from + self.length_left());
        out.extend_from_slice(&record[from..to]);
        self.left.start += (to - from) as u64;
    }

    /// Makes an entry's file the current one.
    fn open(&mut self, index: usize, may_wait: bool) -> io::Result<&mut Current> {
        let current = match self.current.take() {
            Some(current) if current.index == index => current,
            _ => {
                let opened = Current::open(&self.plan, index, self.is_whole, may_wait)?;
                self.opened += 1;
                opened
            }
        };
        Ok(self.current.insert(current))
    }

    fn length_left(&self) -> usize {
        usize::try_from(self.left.end - self.left.start).unwrap_or(usize::MAX)
    }

    /// The next chunk; `WouldBlock` if it may not wait and has nothing in memory.
    fn chunk(&mut self, may_wait: bool) -> io::Result<Option<Bytes>> {
        if self.left.is_empty() {
            return Ok(None);
        }
        let length = if may_wait {
            CHUNK_BYTES
        } else {
            CHUNK_BYTES_NOW
        };
        self.opened = 0;
        // Leaves room for the last record, which may go beyond.
        let mut out = Vec::with_capacity(length + 2048);
        while !self.left.is_empty() && out.len() < length {
            let room = length - out.len();
            match self.step(&mut out, room, may_wait) {
                // Send what is ready first.
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

impl ChunkSource for Tar {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        self.chunk(true)
    }

    fn next_now(&mut self) -> io::Result<Option<Bytes>> {
        self.chunk(false)
    }
}
