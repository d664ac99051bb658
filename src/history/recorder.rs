//! Writes the history in the background. A thread runs while there is something to write or to wait
//! for, so a slow disk delays nothing else.

use std::{
    collections::VecDeque,
    mem,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use super::{entry::Entry, file::HistoryFile, gatherer::Gatherer};

/// So many entries wait for a disk that is slow or full. Then the oldest of them are lost.
const MAX_WAITING: usize = 1000;

/// How long the end of the program waits for the disk. A network drive may never answer.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// Records what happens. Clones write the same file.
#[derive(Debug, Clone)]
pub struct Recorder(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    state: Mutex<State>,
    /// There is something to write, the program ends, or everything is written.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    is_on: bool,
    gatherer: Gatherer,
    waiting: VecDeque<Entry>,
    /// A thread is running. It ends when there is nothing to write and nothing to wait for.
    is_running: bool,
    /// The thread sleeps until something is due at this time.
    sleeps_until: Option<Instant>,
    /// Nothing happens any more.
    is_closing: bool,
    /// The last attempt to write failed.
    is_failing: bool,
    /// Entries that are lost because of that.
    lost: u64,
}

impl Recorder {
    /// Writes the file at `path`, as long as it is on.
    pub fn to(path: PathBuf, is_on: bool) -> Self {
        Self(Arc::new(Shared {
            path,
            state: Mutex::new(State {
                is_on,
                ..State::default()
            }),
            changed: Condvar::new(),
        }))
    }

    /// Whether anything is recorded.
    pub fn is_on(&self) -> bool {
        self.0.state().is_on
    }

    /// Whether to record what happens from now on. What is in the file stays.
    pub fn set(&self, is_on: bool) {
        let mut state = self.0.state();
        state.is_on = is_on;
        if !is_on {
            state.gatherer.clear();
            state.waiting.clear();
        }
    }

    /// Something has happened. Doesn't wait for the disk.
    pub fn record(&self, entry: Entry) {
        let mut state = self.0.state();
        if !state.is_on || state.is_closing {
            return;
        }
        let ready = state.gatherer.add(entry, Instant::now());
        state.wait(ready);
        self.0.run(state);
    }

    /// Removes what is too old from the file, in the background.
    pub fn tidy(&self) {
        let mut file = HistoryFile::at(self.0.path.clone());
        if let Err(error) = file.tidy() {
            tracing::info!(%error, "can't shorten the history");
        }
    }

    /// Writes everything, at the end of the program, if the disk takes it soon.
    pub fn close(&self) {
        let mut state = self.0.state();
        state.is_closing = true;
        let rest = state.gatherer.finish();
        state.wait(rest);
        self.0.run(state);
        let state = self.0.state();
        // A panic under the lock leaves nothing half done.
        let (state, _) = self
            .0
            .changed
            .wait_timeout_while(state, CLOSE_LIMIT, |state| state.is_running)
            .unwrap_or_else(PoisonError::into_inner);
        if state.is_running {
            let path = self.0.path.display();
            tracing::warn!(%path, "the end of the history could not be written in time");
        }
    }
}

impl State {
    fn wait(&mut self, entries: Vec<Entry>) {
        self.waiting.extend(entries);
        let too_many = self.waiting.len().saturating_sub(MAX_WAITING);
        self.waiting.drain(..too_many);
        self.lost += too_many as u64;
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the thread look at what there is, if anything is to be done.
    fn run(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        let next = state.gatherer.next_due();
        if state.waiting.is_empty() && next.is_none() {
            return;
        }
        if mem::replace(&mut state.is_running, true) {
            let sleeps_too_long = match (next, state.sleeps_until) {
                (Some(next), Some(until)) => next < until,
                _ => false,
            };
            if !state.waiting.is_empty() || state.is_closing || sleeps_too_long {
                self.changed.notify_all();
            }
            return;
        }
        drop(state);
        let shared = Arc::clone(self);
        let started = thread::Builder::new()
            .name("history".into())
            .spawn(move || shared.write_all());
        if let Err(error) = started {
            tracing::warn!(%error, "can't start the thread that writes the history");
            self.state().is_running = false;
        }
    }

    /// Writes what there is, and waits for what is due later.
    fn write_all(&self) {
        let mut file = HistoryFile::at(self.path.clone());
        let mut state = self.state();
        loop {
            if !state.is_closing {
                let due = state.gatherer.due(Instant::now());
                state.wait(due);
            }
            if !state.waiting.is_empty() {
                let mut entries: Vec<Entry> = state.waiting.drain(..).collect();
                drop(state);
                let written = file.append(&mut entries);
                state = self.state();
                match written {
                    Ok(()) => {
                        if mem::take(&mut state.is_failing) {
                            let lost = mem::take(&mut state.lost);
                            tracing::info!(lost, "the history can be written again");
                        }
                        continue;
                    }
                    Err(error) => {
                        let newer = mem::take(&mut state.waiting);
                        entries.extend(newer);
                        if state.is_on {
                            state.wait(entries);
                        }
                        if !mem::replace(&mut state.is_failing, true) {
                            tracing::warn!(%error, path = %self.path.display(), "can't write the history; what happens is kept in memory for now");
                        }
                    }
                }
            }
            let next = state.gatherer.next_due();
            // What can't be written is tried again with the next entry.
            let Some(next) = next.filter(|_| !state.is_closing) else {
                state.is_running = false;
                self.changed.notify_all();
                return;
            };
            let pause = next.saturating_duration_since(Instant::now());
            state.sleeps_until = Some(next);
            state = match self.changed.wait_timeout(state, pause) {
                Ok((state, _)) => state,
                Err(error) => error.into_inner().0,
            };
            state.sleeps_until = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::history::Kind;

    fn visit(name: &str) -> Entry {
        Entry::now(Kind::Visit, name, name)
    }

    #[test]
    fn everything_is_written_at_the_end_and_no_thread_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("history.jsonl");
        let recorder = Recorder::to(path.clone(), true);
        for number in 0..50 {
            recorder.record(visit(&number.to_string()));
            recorder.record(visit(&number.to_string()));
        }
        recorder.close();
        let entries = HistoryFile::at(path).read().unwrap();
        let count: u64 = entries.iter().map(|entry| entry.count).sum();
        assert_eq!(count, 100);
        assert!(!recorder.0.state().is_running);
        recorder.record(visit("late"));
        assert!(!recorder.0.state().is_running, "it is over");
    }

    /// Waits until everything is written and the thread sleeps, and returns when it wakes.
    fn wakes_at(recorder: &Recorder) -> Instant {
        loop {
            let state = recorder.0.state();
            if let Some(until) = state.sleeps_until
                && state.waiting.is_empty()
            {
                return until;
            }
            drop(state);
            thread::yield_now();
        }
    }

    #[test]
    fn what_is_due_in_a_minute_does_not_wait_for_what_is_due_later() {
        let dir = tempfile::tempdir().unwrap();
        let recorder = Recorder::to(dir.path().join("history.jsonl"), true);
        let refused = || Entry::now(Kind::PasswordRefused, "a", "a");
        recorder.record(Entry::now(Kind::BrokenDownload, "a", "a"));
        recorder.record(refused());
        let first = wakes_at(&recorder);
        // It is gathered, and due before the download is given up.
        recorder.record(refused());
        let due = recorder.0.state().gatherer.next_due().unwrap();
        assert!(due < first);
        let give_up = Instant::now() + Duration::from_secs(10);
        while wakes_at(&recorder) != due {
            assert!(Instant::now() < give_up, "the thread sleeps on");
        }
        recorder.close();
    }

    /// A pipe in place of the lock file never ends, like a drive that hangs.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_disk_that_hangs_does_not_delay_the_end_for_long() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        let dir = tempfile::tempdir().unwrap();
        let lock = dir.path().join("history.lock");
        mknodat(CWD, &lock, FileType::Fifo, Mode::from(0o600), 0).unwrap();
        let path = dir.path().join("history.jsonl");
        let recorder = Recorder::to(path.clone(), true);
        recorder.record(visit("a"));
        recorder.close();
        assert!(recorder.0.state().is_running, "the disk still hangs");
        // It answers again.
        fs::write(&lock, [b' '; 32]).unwrap();
        while recorder.0.state().is_running {
            thread::yield_now();
        }
        assert_eq!(HistoryFile::at(path).read().unwrap().len(), 1);
    }

    #[test]
    fn nothing_is_written_while_it_is_off() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("history.jsonl");
        let recorder = Recorder::to(path.clone(), false);
        recorder.record(visit("a"));
        recorder.set(true);
        recorder.record(visit("b"));
        recorder.set(false);
        recorder.record(visit("c"));
        recorder.close();
        let text = fs::read_to_string(&path).unwrap_or_default();
        assert!(!text.contains("\"a\"") && !text.contains("\"c\""), "{text}");
    }

    #[test]
    fn what_a_disk_does_not_take_is_written_later() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("history.jsonl");
        fs::create_dir(&path).unwrap();
        let recorder = Recorder::to(path.clone(), true);
        recorder.record(visit("a"));
        while !recorder.0.state().is_failing {
            thread::yield_now();
        }
        // It is not tried again and again.
        while recorder.0.state().is_running {
            thread::sleep(Duration::from_millis(1));
        }
        for number in 0..3 * MAX_WAITING {
            recorder.record(visit(&number.to_string()));
        }
        assert!(recorder.0.state().waiting.len() <= MAX_WAITING);
        while recorder.0.state().is_running {
            thread::sleep(Duration::from_millis(1));
        }
        fs::remove_dir(&path).unwrap();
        recorder.close();
        let entries = HistoryFile::at(path).read().unwrap();
        assert_eq!(entries.len(), MAX_WAITING);
        assert_eq!(entries.last().unwrap().name, "2999");
    }
}
