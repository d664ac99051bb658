//! The password of a share, and who has entered it.

use std::{
    collections::VecDeque,
    fmt,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    pin::pin,
    sync::{
        Mutex, MutexGuard, PoisonError,
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

    /// A visitor at this address enters a password. May take some seconds if others do, too.
    pub async fn enter(&self, password: &str, address: Option<IpAddr>) -> Entry {
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
    /// Waits until the password was set, changed or removed.
    pub async fn next(&mut self) {
        // An error means that the share is gone.
        let _ = self.0.changed().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));
    const OTHER: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2)));

    fn lock(password: &str) -> Lock {
        let lock = Lock::default();
        lock.set_password(Some(PasswordHash::of(password).unwrap()));
        lock
    }

    /// As after a restart, when only the hash is known.
    fn restored(password: &str) -> Lock {
        let lock = Lock::default();
        let hash = PasswordHash::of(password).unwrap();
        lock.set_password(PasswordHash::parse(hash.as_str()));
        lock
    }

    #[tokio::test]
    async fn only_the_right_password_opens() {
        for lock in [
            lock("quiet-river-lake-sand"),
            restored("quiet-river-lake-sand"),
        ] {
            opens_with_quiet_river_lake_sand(&lock).await;
        }
    }

    async fn opens_with_quiet_river_lake_sand(lock: &Lock) {
        for wrong in ["", "quiet-river-lake", "quiet-river-lake-sang", "Quiet"] {
            assert_eq!(lock.enter(wrong, ADDRESS).await, Entry::Wrong, "{wrong}");
        }
        for _ in 0..2 {
            let right = lock.enter("Quiet River Lake Sand", ADDRESS).await;
            assert!(matches!(right, Entry::Right(_)));
        }
        lock.set_password(None);
        assert_eq!(lock.enter("anything", ADDRESS).await, Entry::Open);
    }

    #[tokio::test]
    async fn only_the_first_right_password_is_hashed() {
        let lock = lock("right");
        assert!(matches!(
            lock.enter("right", ADDRESS).await,
            Entry::Right(_)
        ));
        // Nothing is waited for.
        let mut again = pin!(lock.enter("right", OTHER));
        let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
        let again = again.as_mut().poll(context);
        assert!(matches!(again, std::task::Poll::Ready(Entry::Right(_))));
    }

    #[tokio::test]
    async fn sessions_and_keys_end_when_the_password_changes() {
        let lock = lock("first");
        let Entry::Right(key) = lock.enter("first", ADDRESS).await else {
            panic!("it is right");
        };
        let secret = lock.begin_session(key).unwrap();
        assert!(lock.session(secret.as_bytes()).is_some());
        assert!(lock.is_known("first") && !lock.is_known("second"));
        // Even if the new password is the same.
        lock.set_password(Some(PasswordHash::of("first").unwrap()));
        assert!(lock.session(secret.as_bytes()).is_none());
        assert_eq!(lock.begin_session(key), None);
        let Entry::Right(key) = lock.enter("first", ADDRESS).await else {
            panic!("it is right");
        };
        let secret = lock.begin_session(key).unwrap();
        lock.set_password(None);
        assert!(lock.session(secret.as_bytes()).is_none());
    }

    #[tokio::test]
    async fn guessing_from_one_address_makes_only_that_one_wait() {
        for lock in [lock("right"), restored("right")] {
            guess_from_one_address(&lock).await;
        }
    }

    async fn guess_from_one_address(lock: &Lock) {
        for number in 0..10 {
            let wrong = lock.enter(&format!("wrong {number}"), ADDRESS).await;
            assert_eq!(wrong, Entry::Wrong);
        }
        assert!(matches!(lock.enter("right", ADDRESS).await, Entry::Wait(_)));
        assert!(matches!(lock.enter("right", OTHER).await, Entry::Right(_)));
        // Not even when it is known without a hash.
        assert!(matches!(lock.enter("right", ADDRESS).await, Entry::Wait(_)));
    }

    #[tokio::test]
    async fn a_program_that_repeats_a_wrong_password_made_one_guess() {
        let lock = lock("right");
        for _ in 0..100 {
            assert_eq!(lock.enter("wrong", ADDRESS).await, Entry::Wrong);
        }
        assert!(matches!(
            lock.enter("right", ADDRESS).await,
            Entry::Right(_)
        ));
    }

    #[tokio::test]
    async fn many_who_repeat_a_wrong_password_are_not_before_a_new_visitor() {
        let lock = restored("right");
        let address = |number: u32| Some(std::net::Ipv4Addr::from_bits(number).into());
        for number in 0..100 {
            assert_eq!(lock.enter("wrong", address(number)).await, Entry::Wrong);
        }
        let passwords: Vec<_> = (0..100).map(|number| format!("wrong {number}")).collect();
        let guesses = (passwords.iter().zip(0..))
            .map(|(password, number)| lock.enter(password, address(number)));
        let mut guesses: Vec<_> = guesses.map(Box::pin).collect();
        let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
        for guess in &mut guesses {
            let _ = guess.as_mut().poll(context);
        }
        let mut visitor = pin!(lock.enter("right", OTHER));
        assert!(visitor.as_mut().poll(context).is_pending(), "turned away");
        // The other guesses leave.
        drop(guesses);
        assert!(matches!(visitor.await, Entry::Right(_)));
    }

    #[tokio::test]
    async fn many_requests_with_the_right_password_at_once_all_get_in() {
        let lock = restored("right");
        let entries = (0..20).map(|_| lock.enter("right", ADDRESS));
        let mut entries: Vec<_> = entries.map(Box::pin).collect();
        std::future::poll_fn(|context| {
            entries.retain_mut(|entry| match entry.as_mut().poll(context) {
                std::task::Poll::Ready(entry) => {
                    assert!(matches!(entry, Entry::Right(_)), "{entry:?}");
                    false
                }
                std::task::Poll::Pending => true,
            });
            if entries.is_empty() {
                std::task::Poll::Ready(())
            } else {
                std::task::Poll::Pending
            }
        })
        .await;
    }

    /// The middle of 10,000 times that each of two things takes, in turns.
    fn times(mut first: impl FnMut(), mut second: impl FnMut()) -> [Duration; 2] {
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..10_000 {
            let started = Instant::now();
            first();
            let between = Instant::now();
            second();
            times[0].push(between - started);
            times[1].push(between.elapsed());
        }
        times.map(|mut times| {
            times.sort_unstable();
            times[times.len() / 2]
        })
    }

    #[tokio::test]
    async fn no_time_tells_how_much_of_a_secret_is_right() {
        const LETTERS: usize = 1000;
        let right = "x".repeat(LETTERS);
        let lock = lock(&right);
        let Entry::Right(key) = lock.enter(&right, ADDRESS).await else {
            panic!("it is right");
        };
        let secret = lock.begin_session(key).unwrap();
        let wrong = |right: &str, at: usize| {
            let mut wrong = right.to_owned();
            wrong.replace_range(at..=at, "!");
            wrong
        };
        let (first, last) = (wrong(&right, 0), wrong(&right, LETTERS - 1));
        let passwords = times(
            || assert!(!lock.is_known(&first)),
            || assert!(!lock.is_known(&last)),
        );
        let (first, last) = (wrong(&secret, 0), wrong(&secret, secret.len() - 1));
        let sessions = times(
            || assert!(lock.session(first.as_bytes()).is_none()),
            || assert!(lock.session(last.as_bytes()).is_none()),
        );
        for [first, last] in [passwords, sessions] {
            let (less, more) = (first.min(last), first.max(last));
            assert!(more - less <= more / 5, "{first:?} {last:?}");
        }
    }
}
