//! The password of a share, and who has entered it.

use std::{
    collections::VecDeque,
    fmt,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    pin::pin,
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{sync::watch, task::spawn_blocking, time::timeout_at};

use super::{
    digest::Digest,
    guesses::{Guess, Guesses, Next},
    hashing,
    password::{MAX_PASSWORD_BYTES, PasswordHash, canonical},
    sessions::{Session, Sessions},
    source::Source,
};

/// Wrong passwords that are remembered. A program that sends the same one with every request makes
/// one wrong guess, not many.
const REMEMBERED_WRONG: usize = 64;

/// Whether visitors need a password, and which.
pub struct Lock {
    is_locked: AtomicBool,
    /// It had a password before, or has one.
    was_locked: AtomicBool,
    state: Mutex<State>,
    guesses: Guesses,
    /// The name of its cookie on this computer, where several shares have the same host name.
    local_cookie: String,
    /// Counts the changes.
    changes: watch::Sender<u64>,
    on_wrong: OnceLock<Box<dyn Fn(Option<IpAddr>) + Send + Sync>>,
}

#[derive(Default)]
struct State {
    password: Option<PasswordHash>,
    /// How often the password was changed.
    changes: u64,
    sessions: Sessions,
    /// The right password, if this process has set it or somebody has entered it. Then no password
    /// needs a hash any more: programs send theirs with each request, and nobody who knows it has to
    /// wait behind those who guess.
    right: Option<Digest>,
    wrong: VecDeque<Digest>,
}

impl State {
    fn remember_wrong(&mut self, digest: Digest) {
        if self.wrong.len() == REMEMBERED_WRONG {
            self.wrong.pop_front();
        }
        self.wrong.push_back(digest);
    }
}

/// What a password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// None is needed.
    Open,
    /// The right one, as long as the password isn't changed again.
    Right(Key),
    Wrong,
    /// It was not looked at. The visitor may try again after this time.
    Wait(Duration),
}

/// The proof that a visitor knows the password. Opens nothing after it was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(u64);

impl Default for Lock {
    fn default() -> Self {
        let number = RandomState::new().hash_one(0);
        Self {
            is_locked: AtomicBool::default(),
            was_locked: AtomicBool::default(),
            state: Mutex::default(),
            guesses: Guesses::default(),
            local_cookie: format!("session-{number:016x}"),
            changes: watch::Sender::default(),
            on_wrong: OnceLock::default(),
        }
    }
}

impl Lock {
    /// Sets or removes the password. Everybody has to enter the new one, and everything that visitors
    /// are receiving ends.
    pub fn set_password(&self, password: Option<PasswordHash>) {
        let mut state = self.state();
        self.was_locked
            .fetch_or(password.is_some(), Ordering::SeqCst);
        self.is_locked.store(password.is_some(), Ordering::SeqCst);
        state.right = password.as_ref().and_then(PasswordHash::digest);
        state.password = password;
        state.changes += 1;
        state.sessions.clear();
        state.wrong.clear();
        drop(state);
        self.changes.send_modify(|changes| *changes += 1);
    }

    /// Whether visitors need a password.
    pub fn is_locked(&self) -> bool {
        self.is_locked.load(Ordering::SeqCst)
    }

    /// Whether visitors need a password, or did before. Some may still send cookies and forms.
    pub fn was_locked(&self) -> bool {
        self.was_locked.load(Ordering::SeqCst)
    }

    /// Follows changes of the password. Whoever starts something that lasts, such as a download or a
    /// web socket, gets this first, then checks whether it may start, and ends it with
    /// [`LockChanges::next`].
    pub fn changes(&self) -> LockChanges {
        LockChanges(self.changes.subscribe())
    }

    /// The name of the cookie of visitors on this computer.
    pub(super) fn local_cookie(&self) -> &str {
        &self.local_cookie
    }

    /// The session with this secret, if the visitor has entered the password.
    pub(super) fn session(&self, secret: &[u8]) -> Option<Session> {
        let session = Session::of(secret)?;
        self.state().sessions.has(session).then_some(session)
    }

    /// Begins a session of somebody who knows the password, and returns its secret.
    pub(super) fn begin_session(&self, key: Key) -> Option<String> {
        let mut state = self.state();
        (state.changes == key.0).then(|| state.sessions.begin())?
    }

    /// Whether this is the right password, if that is known without a hash.
    pub(super) fn is_known(&self, password: &str) -> bool {
        let Some(digest) = Digest::of(canonical(password).as_bytes()) else {
            return false;
        };
        self.state().right == Some(digest)
    }

    /// Calls `report` with the address of each visitor who enters a wrong password, from any thread.
    /// It must not wait. Only the first one that is given here is called. A password that is not
    /// looked at may be the right one, and isn't reported.
    pub fn on_wrong(&self, report: impl Fn(Option<IpAddr>) + Send + Sync + 'static) {
        let _ = self.on_wrong.set(Box::new(report));
    }

    /// A visitor at this address enters a password. May take some seconds if others do, too.
    pub async fn enter(&self, password: &str, address: Option<IpAddr>) -> Entry {
        let entry = self.look_at(password, address).await;
        if entry == Entry::Wrong
            && let Some(report) = self.on_wrong.get()
        {
            report(address);
        }
        entry
    }

    async fn look_at(&self, password: &str, address: Option<IpAddr>) -> Entry {
        if password.is_empty() || password.len() > MAX_PASSWORD_BYTES {
            return if self.is_locked() {
                Entry::Wrong
            } else {
                Entry::Open
            };
        }
        let password = canonical(password).into_owned();
        let Some(digest) = Digest::of(password.as_bytes()) else {
            return Entry::Wait(Duration::from_secs(60));
        };
        let source = Source::of(address);
        let mut guess = None;
        loop {
            let mut changed = pin!(self.guesses.changed());
            // What happens from here on is not missed.
            changed.as_mut().enable();
            let now = Instant::now();
            if let Some(wait) = self.guesses.must_wait(source, now) {
                return Entry::Wait(wait);
            }
            if let Some(known) = self.known(digest, source, now) {
                return known;
            }
            // Only a password that isn't known waits behind others.
            let guess = guess.get_or_insert_with(|| self.guesses.add(source, digest, now));
            match guess.next(now) {
                Next::Check => return self.check(guess, password, digest).await,
                Next::TurnedAway(wait) => return Entry::Wait(wait),
                Next::Wait(until) => {
                    let _ = timeout_at(until.into(), changed).await;
                }
            }
        }
    }

    /// What a password is, if that is known without a hash.
    fn known(&self, digest: Digest, source: Source, now: Instant) -> Option<Entry> {
        let mut state = self.state();
        if state.password.is_none() {
            return Some(Entry::Open);
        }
        if state.right == Some(digest) {
            self.guesses.is_right(source);
            return Some(Entry::Right(Key(state.changes)));
        }
        if state.wrong.contains(&digest) {
            self.guesses.is_repeated(source, now);
            return Some(Entry::Wrong);
        }
        state.right?;
        state.remember_wrong(digest);
        self.guesses.is_wrong(source, now);
        Some(Entry::Wrong)
    }

    /// Computes the hash.
    async fn check(&self, guess: &Guess<'_>, password: String, digest: Digest) -> Entry {
        let turn = hashing::turn().await;
        let (hash, changes) = {
            let state = self.state();
            match &state.password {
                Some(hash) => (hash.clone(), state.changes),
                None => return Entry::Open,
            }
        };
        // Its turn lasts until the hash is computed, even if the visitor leaves.
        let checking = spawn_blocking(move || {
            let _turn = turn;
            hash.is_of(&password)
        });
        let is_right = checking.await.unwrap_or(false);
        let mut state = self.state();
        if state.changes != changes {
            return Entry::Wrong;
        }
        if is_right {
            state.right = Some(digest);
            guess.was_right(Instant::now());
            return Entry::Right(Key(changes));
        }
        state.remember_wrong(digest);
        Entry::Wrong
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows nothing of the password and the sessions.
impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock")
            .field("is_locked", &self.is_locked())
            .finish_non_exhaustive()
    }
}

/// Changes of the password since this was made.
#[derive(Clone, Debug)]
pub struct LockChanges(watch::Receiver<u64>);

impl LockChanges {
    /// Whether the password was set, changed or removed.
    pub fn have_come(&self) -> bool {
        // An error means that the share is gone.
        self.0.has_changed().unwrap_or(false)
    }

    /// Waits until the password was set, changed or removed.
    pub async fn next(&mut self) {
        // An error means that the share is gone.
        let _ = self.0.changed().await;
    }
}

#[cfg(test)]
mod tests;
