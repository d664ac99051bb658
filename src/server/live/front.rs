//! The share as a whole: watching, ending, blocking.

use std::{
    fmt,
    future::pending,
    hash::{BuildHasher, Hash, RandomState},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    time::Instant,
};

use tokio::sync::{Notify, watch};

use super::{
    caller::{Caller, Marks},
    roster::{Roster, name},
    transfer::{Key, Part, Subject},
    transfers::Transfers,
    view::{LiveView, TransferId, VisitorId},
};
use crate::server::utc::now;

/// A transfer that is no longer is not shown.
const SHORT_BYTES: u64 = 64 * 1024;

/// Somebody watches.
const WATCHED: u8 = 1;
/// Somebody is blocked.
const BLOCKS: u8 = 2;

/// Who is looking at one share, and what is on its way. Clones belong to the same share.
#[derive(Clone, Debug, Default)]
pub struct Live(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// What a request has to look at; usually nothing.
    attention: AtomicU8,
    hasher: RandomState,
    state: Mutex<State>,
    changed: Arc<Notify>,
    /// Tells requests that somebody was blocked.
    blocks: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    roster: Roster,
    transfers: Transfers,
    watchers: usize,
}

/// Visitors are remembered until this is dropped.
#[derive(Debug)]
pub struct LiveGuard(Live);

/// Who sends a request to a share.
#[derive(Clone, Copy, Debug)]
pub struct LiveVisitor<'a> {
    pub live: &'a Live,
    pub caller: Caller<'a>,
}

/// A part of a transfer on its way, until this is dropped.
#[derive(Debug)]
pub struct LiveTransfer {
    live: Live,
    key: Key,
    part: Arc<Part>,
    ended: watch::Receiver<bool>,
}

impl Live {
    /// Remembers visitors from now on, until nobody watches.
    pub fn watch(&self) -> LiveGuard {
        let mut state = self.0.state();
        state.watchers += 1;
        self.0.set_attention(&state);
        LiveGuard(self.clone())
    }

    /// Who is looking and what is on its way now.
    pub fn snapshot(&self) -> LiveView {
        let now = Instant::now();
        let mut state = self.0.state();
        let (visitors, more_visitors) = state.roster.view(now);
        LiveView {
            visitors,
            more_visitors,
            transfers: state.transfers.view(name, now),
        }
    }

    /// Completes at the next change from now on: a visitor comes, a transfer begins or ends. While
    /// something is on its way, its progress is to be looked at now and then.
    pub fn changed(&self) -> impl Future<Output = ()> + Send + use<> {
        Arc::clone(&self.0.changed).notified_owned()
    }

    /// Ends a transfer: closes its connection. Whoever tries to go on at once is cut off, too. Returns
    /// whether there is one.
    pub fn end(&self, transfer: TransferId) -> bool {
        let has_ended = self.0.state().transfers.end(transfer);
        self.0.changed.notify_waiters();
        has_ended
    }

    /// Blocks a visitor for the life of the share, and ends what is on its way. Returns whether
    /// the visitor is known.
    pub fn block(&self, visitor: VisitorId) -> bool {
        let mut state = self.0.state();
        if !state.roster.block(visitor, now().1) {
            return false;
        }
        self.0.set_attention(&state);
        let State {
            roster, transfers, ..
        } = &*state;
        transfers.end_all_of(|visitor| roster.is_visitor_blocked(visitor));
        drop(state);
        self.0.blocks.send_modify(|changes| *changes += 1);
        self.0.changed.notify_waiters();
        true
    }

    /// Lets a visitor in again.
    pub fn unblock(&self, visitor: VisitorId) {
        let mut state = self.0.state();
        state.roster.unblock(visitor);
        self.0.set_attention(&state);
        drop(state);
        self.0.changed.notify_waiters();
    }

    /// Whether the owner has blocked this visitor.
    pub fn is_blocked<'a>(&self, caller: impl FnOnce() -> Caller<'a>) -> bool {
        if self.0.attention.load(Ordering::Relaxed) & BLOCKS == 0 {
            return false;
        }
        let marks = caller().marks(&self.0.hasher);
        self.0.state().roster.is_blocked(&marks)
    }

    /// Waits until this visitor is blocked.
    pub fn blocked(&self, caller: &Caller<'_>) -> impl Future<Output = ()> + use<> {
        let marks = caller.marks(&self.0.hasher);
        let inner = Arc::clone(&self.0);
        let mut blocks = inner.blocks.subscribe();
        async move {
            loop {
                if inner.is_blocked(&marks) {
                    return;
                }
                if blocks.changed().await.is_err() {
                    return pending().await;
                }
            }
        }
    }

    /// A visitor was let in.
    pub fn saw<'a>(&self, caller: impl FnOnce() -> Caller<'a>) {
        if self.0.attention.load(Ordering::Relaxed) & WATCHED == 0 {
            return;
        }
        let caller = caller();
        let marks = caller.marks(&self.0.hasher);
        let mut state = self.0.state();
        let is_news = state.roster.saw(marks, || caller.person(), now());
        drop(state);
        if is_news {
            self.0.changed.notify_waiters();
        }
    }

    /// A part of a transfer begins. `None` if there are too many to show.
    pub fn begin(&self, caller: &Caller<'_>, subject: &Subject) -> Option<LiveTransfer> {
        let marks = caller.marks(&self.0.hasher);
        let key = (marks.visitor, subject.direction, subject.item);
        let now = now();
        let mut state = self.0.state();
        let (part, ended) = state.transfers.begin(key, subject, now)?;
        state.roster.saw(marks, || caller.person(), now);
        state.roster.begins(marks.visitor);
        if state.roster.is_blocked(&marks) {
            // It passed the gate just before.
            state
                .transfers
                .end_all_of(|visitor| visitor == marks.visitor);
        }
        drop(state);
        self.0.changed.notify_waiters();
        Some(LiveTransfer {
            live: self.clone(),
            key,
            part,
            ended,
        })
    }
}

impl LiveVisitor<'_> {
    /// A part of a transfer begins. `None` if it is too short to be shown: the system takes all of it at
    /// once.
    pub fn begin(
        &self,
        length: Option<u64>,
        subject: impl FnOnce() -> Subject,
    ) -> Option<LiveTransfer> {
        if length.is_some_and(|length| length <= SHORT_BYTES) {
            return None;
        }
        self.live.begin(&self.caller, &subject())
    }

    /// The name of the visitor.
    pub fn name(&self) -> String {
        name(self.caller.marks(&self.live.0.hasher).visitor)
    }

    /// A number for something, such as a path.
    pub fn item(&self, what: impl Hash) -> u64 {
        self.live.0.hasher.hash_one(what)
    }
}

impl LiveTransfer {
    /// So many more bytes were given to the system, or have come in.
    pub fn add(&self, bytes: u64) {
        self.part.add(bytes);
    }

    /// Waits until the owner ends it.
    pub fn ended(&self) -> impl Future<Output = ()> + use<> {
        let mut ended = self.ended.clone();
        async move {
            if ended.wait_for(|ended| *ended).await.is_err() {
                // Nobody can end it any more.
                pending().await
            }
        }
    }

    /// Whether the owner has ended it.
    pub fn has_ended(&self) -> bool {
        *self.ended.borrow()
    }
}

impl Drop for LiveTransfer {
    fn drop(&mut self) {
        let inner = &self.live.0;
        let mut state = inner.state();
        state
            .transfers
            .part_is_over(self.key, &self.part, Instant::now());
        let is_watched = state.watchers > 0;
        state.roster.ends(self.key.0, is_watched);
        drop(state);
        inner.changed.notify_waiters();
    }
}

impl Drop for LiveGuard {
    fn drop(&mut self) {
        let inner = &self.0.0;
        let mut state = inner.state();
        state.watchers -= 1;
        if state.watchers == 0 {
            state.roster.forget();
        }
        inner.set_attention(&state);
    }
}

impl Inner {
    fn set_attention(&self, state: &State) {
        let mut attention = 0;
        if state.watchers > 0 {
            attention |= WATCHED;
        }
        if state.roster.blocks_any() {
            attention |= BLOCKS;
        }
        self.attention.store(attention, Ordering::Relaxed);
    }

    fn is_blocked(&self, marks: &Marks) -> bool {
        let blocks_any = self.attention.load(Ordering::Relaxed) & BLOCKS != 0;
        blocks_any && self.state().roster.is_blocked(marks)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No panic under this lock can leave it inconsistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("watchers", &self.state().watchers)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{net::IpAddr, time::Duration};

    use tokio::time::timeout;

    use super::super::view::Direction;
    use super::*;
    use crate::server::origin::RequestOrigin;

    fn caller(number: u8) -> Caller<'static> {
        let address = Some(IpAddr::from([192, 0, 2, number]));
        Caller {
            origin: RequestOrigin::Tunnel,
            address,
            network: address,
            session: None,
            agent: b"curl/8.14",
            country: Some(b"DE"),
        }
    }

    fn film() -> Subject {
        Subject {
            direction: Direction::Down,
            file: "film\n\u{202e}.mkv".into(),
            item: 1,
            start: 0,
            size: Some(1000),
        }
    }

    #[test]
    fn nobody_is_remembered_unless_somebody_watches() {
        let live = Live::default();
        live.saw(|| caller(1));
        let guard = live.watch();
        assert_eq!(live.snapshot(), LiveView::default());
        live.saw(|| caller(2));
        let view = live.snapshot();
        assert_eq!(view.visitors.len(), 1);
        assert_eq!(view.visitors[0].agent, "curl");
        assert_eq!(view.visitors[0].country.as_deref(), Some("DE"));
        drop(guard);
        assert_eq!(live.snapshot(), LiveView::default());
    }

    #[test]
    fn a_transfer_that_began_before_is_seen() {
        let live = Live::default();
        let transfer = live.begin(&caller(1), &film()).unwrap();
        transfer.add(300);
        let _guard = live.watch();
        let view = live.snapshot();
        assert_eq!(view.visitors[0].id, view.transfers[0].visitor);
        assert_eq!(view.visitors[0].name, view.transfers[0].visitor_name);
        assert_eq!(view.transfers[0].bytes, 300);
        assert_eq!(view.transfers[0].file, "film\u{fffd}\u{fffd}.mkv");
        drop(transfer);
        assert_eq!(live.snapshot().transfers, []);
    }

    #[tokio::test]
    async fn a_block_ends_what_is_on_its_way_and_holds_when_nobody_watches() {
        let live = Live::default();
        let guard = live.watch();
        let first = live.begin(&caller(1), &film()).unwrap();
        let second = live.begin(&caller(2), &film()).unwrap();
        let waiting = live.blocked(&caller(1));
        let id = live.snapshot().transfers[0].visitor;
        assert!(live.block(id));
        timeout(Duration::from_secs(20), first.ended())
            .await
            .unwrap();
        timeout(Duration::from_secs(20), waiting).await.unwrap();
        assert!(!second.has_ended());
        drop((guard, first, second));
        assert!(live.is_blocked(|| caller(1)) && !live.is_blocked(|| caller(2)));
        let _guard = live.watch();
        let view = live.snapshot();
        assert!(view.visitors[0].is_blocked && view.visitors[0].id == id);
        live.unblock(id);
        assert!(!live.is_blocked(|| caller(1)));
    }

    #[test]
    fn what_passed_the_gate_just_before_a_block_ends_too() {
        let live = Live::default();
        let _guard = live.watch();
        live.saw(|| caller(1));
        assert!(!live.is_blocked(|| caller(1)));
        live.block(live.snapshot().visitors[0].id);
        assert!(live.begin(&caller(1), &film()).unwrap().has_ended());
        assert!(!live.begin(&caller(2), &film()).unwrap().has_ended());
    }

    #[tokio::test]
    async fn who_watches_is_told_of_changes() {
        let live = Live::default();
        let _guard = live.watch();
        let changed = live.changed();
        live.saw(|| caller(1));
        timeout(Duration::from_secs(20), changed).await.unwrap();
    }
}
