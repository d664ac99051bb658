//! One computation for everyone who asks at the same time.
//!
//! The first visitor who asks for something starts the work, and everyone who asks meanwhile waits
//! for the same result. The work is cancelled when the last of them has left.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use tokio::{
    sync::{Semaphore, watch},
    time::sleep,
};

use super::{
    abandonment::Abandonment,
    budget::{Budget, Limits},
    thread::on_own_thread,
};

/// How long work continues for a visitor who has closed the connection. A visitor who has only
/// finished sending looks the same, and still gets results that take no longer than this.
const GRACE: Duration = Duration::from_millis(500);

/// How many finished results are kept at the same time.
const MAX_KEPT: usize = 64;

/// How long a finished result may be given to others who ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Only those who asked before get it.
    No,
    /// As long as somebody uses it.
    WhileUsed,
    For(Duration),
}

/// Work of one kind: values of type `V`, each with a key.
#[derive(Debug)]
pub struct SharedWork<K, V> {
    jobs: Arc<Mutex<Vec<Job<K, V>>>>,
    /// Work waits for its turn, so that only a little is done at the same time.
    turns: Arc<Semaphore>,
    limits: Limits,
}

/// Work that was started, and may have finished.
#[derive(Debug)]
struct Job<K, V> {
    key: K,
    state: State<V>,
}

#[derive(Debug)]
enum State<V> {
    Running(Weak<Waiting<V>>),
    Used(Weak<V>),
    Kept(Arc<V>, Instant),
}

/// The result, or why there is none, as errors can't be cloned.
type Outcome<V> = Result<Arc<V>, (io::ErrorKind, String)>;

/// Held by everyone who waits for the same work. The work is cancelled when this is dropped.
#[derive(Debug)]
struct Waiting<V> {
    outcome: watch::Receiver<Option<Outcome<V>>>,
    abandonment: Abandonment,
}

impl<V> Drop for Waiting<V> {
    fn drop(&mut self) {
        self.abandonment.tell();
    }
}

impl<K, V> SharedWork<K, V>
where
    K: PartialEq + Send + 'static,
    V: Send + Sync + 'static,
{
    /// Work that waits for `turns`, and may cost as much as `limits` allow.
    pub fn new(turns: Arc<Semaphore>, limits: Limits) -> Self {
        Self {
            jobs: Arc::default(),
            turns,
            limits,
        }
    }

    /// Returns the value of a key: a result that was kept, that of work in progress, or that of
    /// `work`, which also says how long to keep it. `has_left` becomes ready when the visitor has
    /// left.
    ///
    /// # Errors
    /// Those of `work`, and `ConnectionAborted` when the visitor has left.
    pub async fn get(
        &self,
        key: K,
        has_left: impl Future<Output = ()>,
        work: impl FnOnce(&Budget) -> io::Result<(V, Keep)> + Send + 'static,
    ) -> io::Result<Arc<V>> {
        let work = async move |budget: Budget| on_own_thread("work", move || work(&budget)).await;
        self.get_async(key, has_left, work).await
    }

    /// As [`SharedWork::get`], with work that also waits for other things than the disk. It is not
    /// dropped when the last visitor has left, so it has to check its budget after each wait, or to give
    /// up waiting when it is [`abandoned`](Budget::abandoned).
    ///
    /// # Errors
    /// As there.
    pub async fn get_async<F>(
        &self,
        key: K,
        has_left: impl Future<Output = ()>,
        work: impl FnOnce(Budget) -> F + Send + 'static,
    ) -> io::Result<Arc<V>>
    where
        F: Future<Output = io::Result<(V, Keep)>> + Send + 'static,
    {
        let waiting = {
            let mut jobs = lock(&self.jobs);
            match find(&mut jobs, &key) {
                Some(Found::Value(value)) => return Ok(value),
                Some(Found::Running(waiting)) => waiting,
                None => self.start(&mut jobs, key, work),
            }
        };
        let mut receiver = waiting.outcome.clone();
        tokio::select! {
            biased;
            outcome = receiver.wait_for(Option::is_some) => match outcome.as_deref() {
                Ok(Some(Ok(value))) => Ok(Arc::clone(value)),
                Ok(Some(Err((kind, text)))) => Err(io::Error::new(*kind, text.clone())),
                // The work panicked.
                Ok(None) | Err(_) => Err(io::Error::other("the work was given up")),
            },
            () = async { has_left.await; sleep(GRACE).await } => {
                Err(io::ErrorKind::ConnectionAborted.into())
            }
        }
    }

    fn start<F>(
        &self,
        jobs: &mut Vec<Job<K, V>>,
        key: K,
        work: impl FnOnce(Budget) -> F + Send + 'static,
    ) -> Arc<Waiting<V>>
    where
        F: Future<Output = io::Result<(V, Keep)>> + Send + 'static,
    {
        let (sender, outcome) = watch::channel(None);
        let abandonment = Abandonment::default();
        let waiting = Arc::new(Waiting {
            outcome,
            abandonment: abandonment.clone(),
        });
        jobs.push(Job {
            key,
            state: State::Running(Arc::downgrade(&waiting)),
        });
        let ending = Ending {
            jobs: Arc::clone(&self.jobs),
            waiting: Arc::downgrade(&waiting),
        };
        let (turns, limits) = (Arc::clone(&self.turns), self.limits);
        // Not tied to a visitor's connection: it continues for the others when the first one
        // leaves.
        tokio::spawn(async move {
            let _turn = tokio::select! {
                biased;
                () = sender.closed() => return,
                turn = turns.acquire_owned() => turn,
            };
            let outcome = work(Budget::new(&limits, abandonment)).await;
            let outcome = outcome.map(|(value, keep)| (Arc::new(value), keep));
            if let Ok((value, keep)) = &outcome {
                ending.keep(value, *keep);
            }
            drop(ending);
            let outcome = outcome.map(|(value, _)| value);
            sender.send_replace(Some(
                outcome.map_err(|error| (error.kind(), error.to_string())),
            ));
        });
        waiting
    }
}

#[cfg(test)]
impl<K, V> SharedWork<K, V> {
    /// The turns that work waits for.
    pub fn turns(&self) -> &Semaphore {
        &self.turns
    }
}

/// Removes a job from the list when its work ends, for whatever reason.
struct Ending<K, V> {
    jobs: Arc<Mutex<Vec<Job<K, V>>>>,
    waiting: Weak<Waiting<V>>,
}

impl<K, V> Ending<K, V> {
    /// Lets others have the value as well.
    fn keep(&self, value: &Arc<V>, keep: Keep) {
        let mut jobs = lock(&self.jobs);
        let Some(job) = jobs.iter_mut().find(|job| job.is(&self.waiting)) else {
            return;
        };
        job.state = match keep {
            Keep::No => return,
            Keep::WhileUsed => State::Used(Arc::downgrade(value)),
            Keep::For(time) => State::Kept(Arc::clone(value), Instant::now() + time),
        };
        let kept = jobs.iter().filter(|job| job.is_kept()).count();
        if kept > MAX_KEPT
            && let Some(oldest) = jobs.iter().position(Job::is_kept)
        {
            jobs.remove(oldest);
        }
    }
}

impl<K, V> Drop for Ending<K, V> {
    fn drop(&mut self) {
        lock(&self.jobs).retain(|job| !job.is(&self.waiting));
    }
}

impl<K, V> Job<K, V> {
    fn is(&self, waiting: &Weak<Waiting<V>>) -> bool {
        matches!(&self.state, State::Running(other) if other.ptr_eq(waiting))
    }

    fn is_kept(&self) -> bool {
        matches!(self.state, State::Kept(..))
    }

    fn is_of_use(&self) -> bool {
        match &self.state {
            State::Running(waiting) => waiting.strong_count() > 0,
            State::Used(value) => value.strong_count() > 0,
            State::Kept(_, until) => Instant::now() < *until,
        }
    }
}

/// What is known about a key.
enum Found<V> {
    Value(Arc<V>),
    Running(Arc<Waiting<V>>),
}

/// Looks up a key, and forgets jobs that are of no more use.
fn find<K: PartialEq, V>(jobs: &mut Vec<Job<K, V>>, key: &K) -> Option<Found<V>> {
    jobs.retain(Job::is_of_use);
    let same = jobs.iter().filter(|job| job.key == *key);
    let mut found = same.filter_map(|job| match &job.state {
        State::Running(waiting) => waiting.upgrade().map(Found::Running),
        State::Used(value) => value.upgrade().map(Found::Value),
        State::Kept(value, _) => Some(Found::Value(Arc::clone(value))),
    });
    found.next()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is ever left half done under this lock.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
