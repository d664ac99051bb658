//! Records requests, for as long as somebody looks.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use tokio::sync::Notify;

use super::{
    book::Book,
    exchange::{Answer, Asked},
    view::{Outcome, ReplayError, RequestDetail, RequestId, RequestSummary, Secrets},
};
use crate::server::now;

/// A search unpacks so many bytes of bodies.
const MAX_SEARCHED: usize = 64 * 1024 * 1024;

/// So many requests may wait to be sent again.
const MAX_REPLAYS: usize = 16;

/// The requests to one shared site. Clones belong to the same share.
#[derive(Clone, Debug, Default)]
pub struct Inspector(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// What a request has to look at.
    is_recording: AtomicBool,
    state: Mutex<State>,
    changed: Arc<Notify>,
    asked_to_replay: Notify,
}

#[derive(Default)]
struct State {
    book: Book,
    lookers: usize,
    /// Recorded until the end of the share, whoever looks.
    always: bool,
    /// The port of the site.
    port: u16,
    replays: VecDeque<Replay>,
}

/// Requests are recorded until this is dropped.
#[derive(Debug)]
pub struct InspectGuard(Inspector);

/// A request that is recorded.
#[derive(Debug)]
pub struct Recording {
    inspector: Inspector,
    id: RequestId,
    has_ended: AtomicBool,
}

/// A request that is to be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    pub of: RequestId,
    /// As the site got it.
    pub head: Vec<u8>,
    /// Its content.
    pub body: Vec<u8>,
}

impl Inspector {
    /// Records requests from now on, until nobody looks.
    pub fn open(&self) -> InspectGuard {
        let mut state = self.0.state();
        state.lookers += 1;
        self.0.set_recording(&state);
        InspectGuard(self.clone())
    }

    /// Records requests until the end of the share, or only while somebody looks.
    pub fn record_always(&self, is_on: bool) {
        let mut state = self.0.state();
        state.always = is_on;
        state.forget_unseen();
        self.0.set_recording(&state);
    }

    /// Where the site is.
    pub fn set_port(&self, port: u16) {
        self.0.state().port = port;
    }

    pub fn is_recording(&self) -> bool {
        self.0.is_recording.load(Ordering::Relaxed)
    }

    /// What was recorded, the newest first.
    pub fn requests(&self) -> Vec<RequestSummary> {
        let now = Instant::now();
        let state = self.0.state();
        state
            .book
            .newest_first()
            .map(|one| one.summary(now))
            .collect()
    }

    /// Requests that contain a text in what is shown of them without asking, the newest first. It takes
    /// a while, but no visitor waits for it.
    pub fn search(&self, text: &str) -> Vec<RequestSummary> {
        let text = text.trim().to_lowercase();
        let now = Instant::now();
        let all: Vec<RequestId> = {
            let state = self.0.state();
            state.book.newest_first().map(|one| one.id).collect()
        };
        let mut budget = MAX_SEARCHED;
        let found = all.into_iter().filter_map(|id| {
            // Visitors wait for this lock, so it is not held while bodies are unpacked.
            let one = self.0.state().book.get(id).cloned()?;
            one.contains(&text, &mut budget, now)
                .then(|| one.summary(now))
        });
        found.collect()
    }

    /// All of a request, if it is still recorded.
    pub fn request(&self, id: RequestId, secrets: Secrets) -> Option<RequestDetail> {
        let state = self.0.state();
        state
            .book
            .get(id)
            .map(|one| one.detail(state.port, secrets, Instant::now()))
    }

    /// A command that sends a request again, if there is a safe one.
    pub fn curl(&self, id: RequestId, secrets: Secrets) -> Option<String> {
        let state = self.0.state();
        state.book.get(id)?.curl(state.port, secrets)
    }

    /// Sends a request to the site again. It is recorded as another one, even if nothing else is.
    ///
    /// # Errors
    /// Why it is not sent.
    pub fn replay(&self, id: RequestId) -> Result<(), ReplayError> {
        let mut state = self.0.state();
        let (head, body) = state.book.get(id).ok_or(ReplayError::Forgotten)?.replay()?;
        if state.replays.len() >= MAX_REPLAYS {
            return Err(ReplayError::TooMany);
        }
        state.replays.push_back(Replay { of: id, head, body });
        drop(state);
        self.0.asked_to_replay.notify_one();
        Ok(())
    }

    /// Waits for a request that is to be sent again.
    pub async fn next_replay(&self) -> Replay {
        loop {
            let replay = self.0.state().replays.pop_front();
            if let Some(replay) = replay {
                return replay;
            }
            self.0.asked_to_replay.notified().await;
        }
    }

    /// Forgets what was recorded.
    pub fn clear(&self) {
        self.0.state().book.clear();
        self.0.changed.notify_waiters();
    }

    /// Completes at the next change from now on.
    pub fn changed(&self) -> impl Future<Output = ()> + Send + use<> {
        Arc::clone(&self.0.changed).notified_owned()
    }

    /// Records a request, if somebody looks.
    pub fn record(&self, asked: impl FnOnce() -> Asked) -> Option<Recording> {
        self.is_recording().then(|| self.begin(asked()))
    }

    /// Records a request that is sent again.
    pub fn record_replay(&self, asked: Asked) -> Recording {
        self.begin(asked)
    }

    fn begin(&self, asked: Asked) -> Recording {
        let id = self.0.state().book.begin(asked, now());
        self.0.changed.notify_waiters();
        Recording {
            inspector: self.clone(),
            id,
            has_ended: AtomicBool::default(),
        }
    }
}

impl Recording {
    pub fn id(&self) -> RequestId {
        self.id
    }

    /// More of the request's body, as it comes.
    pub fn sent(&self, bytes: &[u8]) {
        let mut state = self.inspector.0.state();
        state.book.change(self.id, |one| one.sent(bytes));
    }

    /// The head of the answer.
    pub fn answered(&self, answer: Answer) {
        let now = Instant::now();
        let mut state = self.inspector.0.state();
        state.book.change(self.id, |one| one.answered(answer, now));
        drop(state);
        self.inspector.0.changed.notify_waiters();
    }

    /// More of the answer's body, as it comes.
    pub fn received(&self, bytes: &[u8]) {
        let mut state = self.inspector.0.state();
        state.book.change(self.id, |one| one.received(bytes));
    }

    /// The answer is complete.
    pub fn is_whole(&self) {
        self.end(Outcome::Whole);
    }

    fn end(&self, outcome: Outcome) {
        if self.has_ended.swap(true, Ordering::Relaxed) {
            return;
        }
        let now = Instant::now();
        let mut state = self.inspector.0.state();
        state.book.change(self.id, |one| one.ended(outcome, now));
        drop(state);
        self.inspector.0.changed.notify_waiters();
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.end(Outcome::Cut);
    }
}

impl Drop for InspectGuard {
    fn drop(&mut self) {
        let inner = &self.0.0;
        let mut state = inner.state();
        state.lookers -= 1;
        state.forget_unseen();
        inner.set_recording(&state);
    }
}

impl State {
    /// Nothing is kept that nobody wants.
    fn forget_unseen(&mut self) {
        if self.lookers == 0 && !self.always {
            self.book.clear();
        }
    }
}

impl Inner {
    fn set_recording(&self, state: &State) {
        let is_recording = state.lookers > 0 || state.always;
        self.is_recording.store(is_recording, Ordering::Relaxed);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No panic under this lock can leave it inconsistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows nothing that was recorded.
impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inspector")
            .field("is_recording", &self.is_recording)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"POST /login HTTP/1.1\r\nHost: a\r\nCookie: sid=topsecret\r\n\r\n";

    fn asked() -> Asked {
        Asked {
            method: "POST".into(),
            target: b"/login".to_vec(),
            head: HEAD.to_vec(),
            length: Some(5),
            ..Asked::default()
        }
    }

    fn answer() -> Answer {
        Answer {
            status: 302,
            head: b"HTTP/1.1 302 Found\r\nLocation: /welcome\r\nContent-Type: text/html; charset=x\r\n\r\n".to_vec(),
            ..Answer::default()
        }
    }

    fn record(inspector: &Inspector) -> RequestId {
        let recording = inspector.record(asked).unwrap();
        let id = recording.id();
        recording.sent(b"hello");
        recording.answered(answer());
        recording.received(b"moved");
        recording.is_whole();
        id
    }

    #[test]
    fn nothing_is_recorded_or_kept_unless_somebody_looks() {
        let inspector = Inspector::default();
        assert!(inspector.record(|| unreachable!()).is_none());
        let guard = inspector.open();
        let other = inspector.open();
        record(&inspector);
        drop(guard);
        assert_eq!(inspector.requests().len(), 1);
        drop(other);
        assert!(inspector.requests().is_empty() && !inspector.is_recording());
        inspector.record_always(true);
        record(&inspector);
        drop(inspector.open());
        assert_eq!(inspector.requests().len(), 1);
        inspector.record_always(false);
        assert!(inspector.requests().is_empty());
    }

    #[test]
    fn a_request_is_shown_with_its_answer_and_without_its_secrets() {
        let inspector = Inspector::default();
        let _guard = inspector.open();
        let id = record(&inspector);
        let detail = inspector.request(id, Secrets::Masked).unwrap();
        assert_eq!(detail.summary.status, Some(302));
        assert_eq!(detail.summary.media_type.as_deref(), Some("text/html"));
        assert_eq!(detail.summary.outcome, Outcome::Whole);
        assert_eq!(detail.status_line.as_deref(), Some("302 Found"));
        assert_eq!(detail.request_body.text.as_deref(), Some("hello"));
        assert_eq!(detail.answer_body.text.as_deref(), Some("moved"));
        assert!(!format!("{detail:?}").contains("topsecret"));
        let detail = inspector.request(id, Secrets::Shown).unwrap();
        assert!(format!("{detail:?}").contains("topsecret"));
    }

    #[test]
    fn requests_are_found_by_what_is_shown_of_them() {
        let inspector = Inspector::default();
        let _guard = inspector.open();
        record(&inspector);
        for text in [
            "LOGIN",
            "post",
            "302",
            "location: /wel",
            "Hello",
            "moved",
            "",
        ] {
            assert_eq!(inspector.search(text).len(), 1, "{text}");
        }
        for text in ["topsecret", "30", "elsewhere"] {
            assert_eq!(inspector.search(text).len(), 0, "{text}");
        }
    }

    #[tokio::test]
    async fn a_request_is_sent_again_if_all_of_it_is_recorded() {
        let inspector = Inspector::default();
        let _guard = inspector.open();
        let id = record(&inspector);
        inspector.replay(id).unwrap();
        let replay = inspector.next_replay().await;
        let expected = Replay {
            of: id,
            head: HEAD.to_vec(),
            body: b"hello".to_vec(),
        };
        assert_eq!(replay, expected);
        let running = inspector.record(asked).unwrap();
        assert_eq!(inspector.replay(running.id()), Err(ReplayError::Incomplete));
        running.sent(&[0; 300_000]);
        assert_eq!(inspector.replay(running.id()), Err(ReplayError::TooLong));
        let socket = inspector.record(|| Asked {
            is_web_socket: true,
            ..asked()
        });
        assert_eq!(
            inspector.replay(socket.unwrap().id()),
            Err(ReplayError::WebSocket)
        );
        inspector.clear();
        assert_eq!(inspector.replay(id), Err(ReplayError::Forgotten));
    }

    #[test]
    fn an_answer_that_ends_early_says_so() {
        let inspector = Inspector::default();
        let _guard = inspector.open();
        drop(inspector.record(asked));
        assert_eq!(inspector.requests()[0].outcome, Outcome::Cut);
    }
}
