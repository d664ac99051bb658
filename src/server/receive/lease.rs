//! The right to write to an upload, which one request has at a time.

use std::{
    fs::File,
    io::{self, IoSlice, Seek, SeekFrom, Write},
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::{sync::Notify, time::Instant};

use super::{
    checksum::{Checksum, Hashing},
    parts::Parts,
};

/// A request that sends nothing for this long loses its right to one that asks for it: its connection
/// is dead, and the visitor is back on another.
pub const STALLED_AFTER: Duration = Duration::from_secs(3);

/// The right of one request.
#[derive(Debug)]
pub struct Lease {
    is_lost: AtomicBool,
    lost: Notify,
    /// When its last bytes came.
    heard: Mutex<Instant>,
    file: Mutex<Option<PartFile>>,
    /// Whose place it has taken.
    last: Mutex<Option<Arc<Lease>>>,
}

/// A part that is open for writing, at its end.
#[derive(Debug)]
pub struct PartFile {
    pub parts: Arc<Parts>,
    pub file: File,
    /// In bytes.
    pub length: u64,
    /// How long it was before this request.
    pub base: u64,
    /// The hash of what this request sends, if it has to match.
    pub hashing: Option<Hashing>,
}

impl Lease {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            is_lost: AtomicBool::new(false),
            lost: Notify::new(),
            heard: Mutex::new(Instant::now()),
            file: Mutex::default(),
            last: Mutex::default(),
        })
    }

    /// Takes the place of another one.
    pub fn follow(&self, last: &Arc<Self>) {
        *lock(&self.last) = Some(Arc::clone(last));
    }

    /// Whose place it has taken, once.
    pub fn predecessor(&self) -> Option<Arc<Self>> {
        lock(&self.last).take()
    }

    /// Bytes have come.
    pub fn hear(&self) {
        *lock(&self.heard) = Instant::now();
    }

    /// When others may take it, if nothing more comes.
    pub fn stalls(&self) -> Instant {
        *lock(&self.heard) + STALLED_AFTER
    }

    /// Takes it away.
    pub fn lose(&self) {
        self.is_lost.store(true, Ordering::SeqCst);
        self.lost.notify_waiters();
    }

    /// Whether it was taken away.
    pub fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::SeqCst)
    }

    /// Waits until it is taken away.
    pub async fn lost(&self) {
        let mut lost = pin!(self.lost.notified());
        // What happens from here on is not missed.
        lost.as_mut().enable();
        if !self.is_lost() {
            lost.await;
        }
    }

    /// The open part. Waits until a write is done.
    pub fn file(&self) -> MutexGuard<'_, Option<PartFile>> {
        lock(&self.file)
    }
}

impl PartFile {
    /// A part that is `length` bytes long, where the file is at its end.
    pub fn new(parts: Arc<Parts>, file: File, length: u64) -> Self {
        Self {
            parts,
            file,
            length,
            base: length,
            hashing: None,
        }
    }

    /// Adds bytes at the end. `length` tells how many were written if that fails.
    ///
    /// # Errors
    /// As the system reports them.
    pub fn append(&mut self, pieces: &[Bytes]) -> io::Result<()> {
        let mut slices: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
        let mut slices = slices.as_mut_slice();
        IoSlice::advance_slices(&mut slices, 0);
        while !slices.is_empty() {
            match self.file.write_vectored(slices) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    self.length += written as u64;
                    self.parts.step("bytes written");
                    IoSlice::advance_slices(&mut slices, written);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if let Some(hashing) = &mut self.hashing {
            pieces.iter().for_each(|piece| hashing.update(piece));
        }
        Ok(())
    }

    /// What is added has to match a checksum.
    #[must_use]
    pub fn with_checksum(mut self, checksum: Option<Checksum>) -> Self {
        self.hashing = checksum.map(Hashing::new);
        self
    }

    /// Forgets what this request has written.
    ///
    /// # Errors
    /// As the system reports them.
    pub fn restore(&mut self) -> io::Result<()> {
        self.file.set_len(self.base)?;
        self.file.seek(SeekFrom::Start(self.base))?;
        self.length = self.base;
        self.parts.step("bytes removed");
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No panic under these locks can leave anything inconsistent.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
