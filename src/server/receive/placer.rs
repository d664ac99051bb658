//! Writes complete files to the disk and puts them in their places, on threads of its own.
//!
//! Visitors don't wait for the disk, unless it falls behind. Small files that come while others are
//! written are written together, since a disk takes about as long for one as for many.

use std::{
    collections::VecDeque,
    fmt,
    fs::File,
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use super::{
    parts::Parts,
    place::{Placement, Whole},
    record::Record,
    reserved::Reserved,
    sync::sync_files,
};

/// A file that is larger is written alone, in bytes.
pub const LARGE: u64 = 8 * 1024 * 1024;

/// How many small files are written together.
const BATCH: usize = 256;

/// So many files, and everything else, are written sooner than each of them.
const MANY: usize = 8;

/// How many large files are written at the same time.
const LARGE_AT_ONCE: usize = 2;

/// How long a thread waits for more.
const LINGER: Duration = Duration::from_secs(1);

/// A complete file.
pub struct Job {
    pub parts: Arc<Parts>,
    pub whole: Whole,
    pub file: File,
    pub reserved: Arc<Reserved>,
    /// Is told what has become of it.
    pub done: Box<dyn FnOnce(Result<Record, Unplaced>) + Send>,
}

/// Why a file is not in its place.
#[derive(Debug)]
pub enum Unplaced {
    /// The disk refused its bytes. The system may have dropped them, and says so only once: another
    /// attempt to write them would succeed without them.
    Unwritten(io::Error),
    /// Its bytes are on the disk, but it can't be moved.
    Unmoved(io::Error),
}

/// Files that wait to be put in their places.
#[derive(Clone, Debug, Default)]
pub struct Placer(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    ready: Condvar,
}

#[derive(Debug, Default)]
struct State {
    small: VecDeque<Job>,
    large: VecDeque<Job>,
    /// Files that are being written.
    running: usize,
    /// Threads for small and for large files.
    threads: [usize; 2],
    /// How many files the disk refuses next.
    #[cfg(test)]
    failing: usize,
}

impl Placer {
    /// Adds a file.
    pub fn add(&self, job: Job) {
        let is_large = job.whole.record.length.is_some_and(|bytes| bytes > LARGE);
        let mut state = self.0.state();
        let most = if is_large { LARGE_AT_ONCE } else { 1 };
        if is_large {
            state.large.push_back(job);
        } else {
            state.small.push_back(job);
        }
        let kind = usize::from(is_large);
        if state.threads[kind] < most {
            state.threads[kind] += 1;
            drop(state);
            let inner = Arc::clone(&self.0);
            let thread = thread::Builder::new().name("receive".into());
            if thread.spawn(move || inner.work(is_large)).is_err() {
                // No more threads are allowed.
                self.0.work(is_large);
            }
        } else {
            drop(state);
            self.0.ready.notify_all();
        }
    }

    /// Lets the disk refuse so many files from now on.
    #[cfg(test)]
    pub fn fail_syncs(&self, count: usize) {
        self.0.state().failing = count;
    }

    /// How many files wait, or are being written.
    pub fn waiting(&self) -> usize {
        let state = self.0.state();
        state.small.len() + state.large.len() + state.running
    }
}

impl Inner {
    fn work(&self, is_large: bool) {
        while let Some(jobs) = self.next(is_large) {
            let count = jobs.len();
            let synced = sync(&jobs);
            #[cfg(test)]
            let synced = self.let_fail(synced);
            place(jobs, synced);
            self.state().running -= count;
        }
    }

    /// What a disk says that refuses files.
    #[cfg(test)]
    fn let_fail(&self, synced: Vec<io::Result<()>>) -> Vec<io::Result<()>> {
        let failing = &mut self.state().failing;
        let refuse = |synced| {
            let is_refused = *failing > 0;
            *failing = failing.saturating_sub(1);
            if is_refused {
                Err(io::Error::other("the disk is broken"))
            } else {
                synced
            }
        };
        synced.into_iter().map(refuse).collect()
    }

    /// The next files to write together; `None` after a while without any.
    fn next(&self, is_large: bool) -> Option<Vec<Job>> {
        let mut state = self.state();
        loop {
            let waiting = if is_large {
                &mut state.large
            } else {
                &mut state.small
            };
            let count = waiting.len().min(if is_large { 1 } else { BATCH });
            if count > 0 {
                let jobs = waiting.drain(..count).collect();
                state.running += count;
                return Some(jobs);
            }
            let waited = self.ready.wait_timeout(state, LINGER);
            let (after, waited) = waited.unwrap_or_else(PoisonError::into_inner);
            state = after;
            let is_empty = if is_large {
                state.large.is_empty()
            } else {
                state.small.is_empty()
            };
            if waited.timed_out() && is_empty {
                state.threads[usize::from(is_large)] -= 1;
                return None;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No panic under this lock can leave it inconsistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until files are on the disk. One result each.
fn sync(jobs: &[Job]) -> Vec<io::Result<()>> {
    let parts = jobs.first().map(|job| &job.parts);
    let all_of = parts.filter(|parts| jobs.iter().all(|job| Arc::ptr_eq(&job.parts, parts)));
    if jobs.len() >= MANY
        && let Some(file_system) = all_of.and_then(|parts| parts.file_system())
        && file_system.sync()
    {
        return jobs.iter().map(|_| Ok(())).collect();
    }
    let files: Vec<_> = jobs.iter().map(|job| &job.file).collect();
    sync_files(&files)
}

/// Puts files that were written to the disk in their places, then writes the places to the disk.
fn place(jobs: Vec<Job>, synced: Vec<io::Result<()>>) {
    let mut synced = synced.into_iter();
    let mut jobs = jobs.into_iter().peekable();
    while let Some(first) = jobs.peek() {
        let (parts, reserved) = (Arc::clone(&first.parts), Arc::clone(&first.reserved));
        let mut placement = Placement::new(&parts, &reserved);
        let mut placed = Vec::new();
        while let Some(job) = jobs.next_if(|job| Arc::ptr_eq(&job.parts, &parts)) {
            let result = match synced.next() {
                Some(Ok(())) => placement.place(&job.whole).map_err(Unplaced::Unmoved),
                Some(Err(error)) => Err(Unplaced::Unwritten(error)),
                None => Err(Unplaced::Unmoved(io::Error::other(
                    "the disk was not written",
                ))),
            };
            placed.push((job.done, result));
        }
        if let Err(error) = placement.sync() {
            // They are in their places, as far as anybody can see.
            tracing::warn!(%error, "the names of received files may be lost if the power fails");
        }
        for (done, result) in placed {
            done(result);
        }
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.whole.fmt(formatter)
    }
}
