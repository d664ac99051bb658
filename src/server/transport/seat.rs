//! A connection's place, as seen by those who wait for one.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::Waker,
    time::Instant,
};

use super::visitor::Visitor;

/// A connection that is being served. It reports what it is doing; whoever needs its place tells it
/// to leave.
#[derive(Debug)]
pub struct Seat {
    state: Mutex<State>,
    /// Whether there is a notice. A connection looks at this each time it reads or writes.
    has_notice: AtomicBool,
    /// It comes from its visitor, not through the tunnel.
    is_direct: AtomicBool,
}

#[derive(Debug)]
struct State {
    occupation: Occupation,
    notice: Notice,
    /// Wakes the task of the connection.
    waker: Option<Waker>,
}

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occupation {
    /// Nothing since this time. A connection that has never asked for anything may be too new to
    /// have asked.
    Idle { since: Instant, has_asked: bool },
    /// A request is being answered.
    Answering {
        visitor: Option<Visitor>,
        /// When a visitor who doesn't receive everything last received a notable amount. The same
        /// with what a visitor sends of a body.
        blocked: Option<Instant>,
        /// The handler waits for a body.
        is_receiving: bool,
    },
}

/// Whether a connection has to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notice {
    None,
    /// It was told to, and this may still be taken back.
    Told,
    Leaving,
    Gone,
}

impl Seat {
    /// The seat of a new connection.
    pub fn new() -> Self {
        let state = State {
            occupation: Occupation::Idle {
                since: Instant::now(),
                has_asked: false,
            },
            notice: Notice::None,
            waker: None,
        };
        Self {
            state: Mutex::new(state),
            has_notice: AtomicBool::new(false),
            is_direct: AtomicBool::new(false),
        }
    }

    /// The connection comes from its visitor, not through the tunnel.
    pub fn set_direct(&self) {
        self.is_direct.store(true, Ordering::Relaxed);
    }

    /// Whether it doesn't come through the tunnel, as far as that is known.
    pub fn is_direct(&self) -> bool {
        self.is_direct.load(Ordering::Relaxed)
    }

    /// The connection has had nothing to do since this time.
    pub fn set_idle(&self, since: Instant, has_asked: bool, waker: &Waker) {
        let mut state = self.state();
        if !matches!(state.occupation, Occupation::Idle { .. }) {
            state.occupation = Occupation::Idle { since, has_asked };
        }
        state.keep(waker);
    }

    /// The connection has received a request, so it keeps its place if it was idle until now.
    pub fn set_answering(&self, waker: &Waker) {
        let mut state = self.state();
        state.occupation = Occupation::Answering {
            visitor: None,
            blocked: None,
            is_receiving: false,
        };
        self.take_back_in(&mut state);
        state.keep(waker);
    }

    /// Records whose request is being answered.
    pub fn set_visitor(&self, by: Visitor) {
        if let Occupation::Answering { visitor, .. } = &mut self.state().occupation {
            *visitor = Some(by);
        }
    }

    /// Records since when the visitor has not received what is sent, or not sent what is waited for;
    /// `None` if all was.
    pub fn set_blocked(&self, since: Option<Instant>) {
        if let Occupation::Answering { blocked, .. } = &mut self.state().occupation {
            *blocked = since;
        }
    }

    /// Records whether a body is being received.
    pub fn set_receiving(&self, receives: bool) {
        if let Occupation::Answering { is_receiving, .. } = &mut self.state().occupation {
            *is_receiving = receives;
        }
    }

    /// Whether the answer that is being sent has to be cut off.
    pub fn is_cut_off(&self) -> bool {
        self.leaves(|occupation| matches!(occupation, Occupation::Answering { .. }))
    }

    /// Whether the connection has to end although it is idle.
    pub fn makes_room(&self) -> bool {
        self.leaves(|occupation| matches!(occupation, Occupation::Idle { .. }))
    }

    fn leaves(&self, fits: impl Fn(&Occupation) -> bool) -> bool {
        // Whoever gives notice wakes the connection afterwards, so it is not missed.
        if !self.has_notice.load(Ordering::Acquire) {
            return false;
        }
        let mut state = self.state();
        if state.notice == Notice::Told && fits(&state.occupation) {
            state.notice = Notice::Leaving;
        }
        state.notice == Notice::Leaving && fits(&state.occupation)
    }

    /// The connection has ended.
    pub fn set_gone(&self) {
        self.state().notice = Notice::Gone;
    }

    /// What it is doing; `None` if it was already told to leave.
    pub fn occupation(&self) -> Option<Occupation> {
        let state = self.state();
        (state.notice == Notice::None).then_some(state.occupation)
    }

    /// Tells the connection to leave if it is still doing the same.
    pub fn tell(&self, occupation: Occupation) -> bool {
        let mut state = self.state();
        let is_told = state.notice == Notice::None && state.occupation == occupation;
        if is_told {
            state.notice = Notice::Told;
            self.has_notice.store(true, Ordering::Release);
            if let Some(waker) = &state.waker {
                waker.wake_by_ref();
            }
        }
        is_told
    }

    /// The place is no longer needed.
    pub fn take_back(&self) {
        self.take_back_in(&mut self.state());
    }

    fn take_back_in(&self, state: &mut State) {
        if state.notice == Notice::Told {
            state.notice = Notice::None;
            self.has_notice.store(false, Ordering::Release);
        }
    }

    /// Whether it is about to leave.
    pub fn is_told(&self) -> bool {
        matches!(self.state().notice, Notice::Told | Notice::Leaving)
    }

    /// Whether it has ended.
    pub fn is_gone(&self) -> bool {
        self.state().notice == Notice::Gone
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn keep(&mut self, waker: &Waker) {
        if !self.waker.as_ref().is_some_and(|it| it.will_wake(waker)) {
            self.waker = Some(waker.clone());
        }
    }
}
