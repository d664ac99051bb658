//! Writes complete files to the disk and puts them in their places, on threads of its own.
//!
//! Visitors don't wait for the disk, unless it falls behind. Small files that come while others are
//! written are written together, since a disk takes about as long for one as for many.

use std::{
    collections::VecDeque,
    fmt,
    fs::File,
    io, mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use cap_std::fs::Dir;

use super::{
    parts::Parts,
    place::{Placement, Whole},
    record::Record,
    reserved::Reserved,
    sync::{sync_dir, sync_files},
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

/// Is told what has become of a file.
pub type Done = Box<dyn FnOnce(Result<Record, Unplaced>) + Send>;

/// A complete file.
pub struct Job {
    pub parts: Arc<Parts>,
    pub whole: Whole,
    pub file: File,
    pub reserved: Arc<Reserved>,
    pub done: Done,
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
        let mut moved = Moved::default();
        while let Some(jobs) = self.next(is_large) {
            let (synced, is_all_synced) = sync(&jobs);
            // That includes the places of those before, which were moved in the same folder.
            if !(is_all_synced && moved.is_from_that_of(&jobs)) {
                moved.sync();
            }
            self.tell(mem::take(&mut moved));
            #[cfg(test)]
            let synced = self.let_fail(synced);
            moved.place(jobs, synced);
            let waits_for_next = is_all_synced && self.state().small.len() >= MANY;
            if !waits_for_next {
                moved.sync();
                self.tell(mem::take(&mut moved));
            }
        }
        moved.sync();
        self.tell(moved);
    }

    /// Files are in their places, and that is on the disk.
    fn tell(&self, moved: Moved) {
        let count = moved.results.len();
        for (done, result) in moved.results {
            done(result);
        }
        self.state().running -= count;
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

/// Waits until files are on the disk. One result each, and whether everything else is there as well.
fn sync(jobs: &[Job]) -> (Vec<io::Result<()>>, bool) {
    let parts = jobs.first().map(|job| &job.parts);
    let all_of = parts.filter(|parts| jobs.iter().all(|job| Arc::ptr_eq(&job.parts, parts)));
    if jobs.len() >= MANY
        && let Some(file_system) = all_of.and_then(|parts| parts.file_system())
        && file_system.sync()
    {
        return (jobs.iter().map(|_| Ok(())).collect(), true);
    }
    let files: Vec<_> = jobs.iter().map(|job| &job.file).collect();
    (sync_files(&files), false)
}

/// Files that were put in their places, while that may not be on the disk yet.
#[derive(Default)]
struct Moved {
    /// Where they were before.
    parts: Option<Arc<Parts>>,
    /// Folders with new names.
    changed: Vec<Dir>,
    results: Vec<(Done, Result<Record, Unplaced>)>,
}

impl Moved {
    /// Puts files in their places, if they are on the disk.
    fn place(&mut self, jobs: Vec<Job>, synced: Vec<io::Result<()>>) {
        let mut synced = synced.into_iter();
        let mut jobs = jobs.into_iter().peekable();
        while let Some(first) = jobs.peek() {
            let (parts, reserved) = (Arc::clone(&first.parts), Arc::clone(&first.reserved));
            let mut placement = Placement::new(&parts, &reserved);
            while let Some(job) = jobs.next_if(|job| Arc::ptr_eq(&job.parts, &parts)) {
                let result = match synced.next() {
                    Some(Ok(())) => placement.place(&job.whole).map_err(Unplaced::Unmoved),
                    Some(Err(error)) => Err(Unplaced::Unwritten(error)),
                    None => Err(Unplaced::Unmoved(io::Error::other(
                        "the disk was not written",
                    ))),
                };
                self.results.push((job.done, result));
            }
            self.changed.extend(placement.into_changed());
            self.parts = Some(parts);
        }
    }

    /// Whether they were where these are.
    fn is_from_that_of(&self, jobs: &[Job]) -> bool {
        let first = jobs.first().map(|job| Arc::as_ptr(&job.parts));
        self.parts.as_ref().map(Arc::as_ptr) == first
    }

    /// Waits until the places are on the disk.
    fn sync(&self) {
        if let Err(error) = self.changed.iter().try_for_each(sync_dir) {
            // They are in their places, as far as anybody can see.
            tracing::warn!(%error, "the names of received files may be lost if the power fails");
        }
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.whole.fmt(formatter)
    }
}
