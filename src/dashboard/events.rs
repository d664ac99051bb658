//! What the page is told: everything at first, then only what has changed, in server-sent events.
//!
//! What the page shows is a map of parts: `share/1`, `order`, `history` and so on. An event holds the
//! parts that are new or different, and the names of those that are gone.

use std::{
    collections::BTreeMap,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use actix_web::{
    body::{BodySize, MessageBody},
    web::Bytes,
};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::app::{Notice, Overview};

/// The parts by their names, each as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts(BTreeMap<String, String>);

impl Parts {
    /// The parts of the state.
    pub fn of(overview: &Overview) -> Self {
        let mut parts = Self::default();
        let order: Vec<u64> = overview.shares.iter().map(|card| card.id).collect();
        parts.set("order".to_owned(), &order);
        parts.set("general".to_owned(), &overview.general);
        parts.set("ended".to_owned(), &overview.ended);
        for card in &overview.shares {
            parts.set(format!("share/{}", card.id), card);
        }
        parts
    }

    pub fn set(&mut self, name: String, part: &impl Serialize) {
        // Only maps with keys other than strings could fail, and there are none.
        let json = serde_json::to_string(part).unwrap_or_default();
        self.0.insert(name, json);
    }

    /// An event with what is different from these parts before; none if nothing is. `now` is the time
    /// that the ends of shares are measured with.
    pub fn since(&self, before: &Self, now: u64) -> Option<Bytes> {
        let is_new = |(name, json): &(&String, &String)| before.0.get(*name) != Some(*json);
        let set: Vec<String> = self
            .0
            .iter()
            .filter(is_new)
            .map(|(name, json)| format!("\"{name}\":{json}"))
            .collect();
        let gone = before.0.keys().filter(|name| !self.0.contains_key(*name));
        let gone: Vec<&String> = gone.collect();
        if set.is_empty() && gone.is_empty() {
            return None;
        }
        let gone = serde_json::to_string(&gone).unwrap_or_default();
        let set = set.join(",");
        let data = format!(r#"{{"now":{now},"set":{{{set}}},"gone":{gone}}}"#);
        Some(event("parts", &data))
    }
}

impl Parts {
    /// An event without a change.
    pub fn nothing() -> Bytes {
        event("parts", r#"{"now":0,"set":{},"gone":[]}"#)
    }
}

/// A notice that the user should see while looking at the page.
pub fn notice(notice: &Notice) -> Bytes {
    let said = serde_json::json!({ "title": notice.title, "body": notice.body });
    event("notice", &said.to_string())
}

/// JSON has no line ends, so it is one line of data.
fn event(name: &str, data: &str) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}

/// How often to write something, so that a page that is gone is noticed.
const PULSE: Duration = Duration::from_secs(15);

/// Comments, now and then, which mean nothing.
pub struct Pulse(Instant);

impl Default for Pulse {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Pulse {
    /// A comment, if it is time for one.
    pub fn due(&mut self) -> Option<Bytes> {
        if self.0.elapsed() < PULSE {
            return None;
        }
        self.0 = Instant::now();
        Some(Bytes::from_static(b":\n\n"))
    }
}

/// The body of the answer: events as they come.
pub struct Stream(pub mpsc::Receiver<Bytes>);

impl MessageBody for Stream {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::app::{Event, State, Target, overview, update};

    fn data(event: &Bytes) -> Value {
        let text = str::from_utf8(event).unwrap();
        let data = text.strip_prefix("event: parts\ndata: ").unwrap();
        assert_eq!(data.matches('\n').count(), 2, "an event is one line");
        serde_json::from_str(data).unwrap()
    }

    #[test]
    fn everything_comes_first_and_then_only_what_has_changed() {
        let mut state = State::default();
        update(&mut state, Event::Share(Target::Folder("/a".into())));
        update(
            &mut state,
            Event::Share(Target::Folder("/b\u{2028}\n".into())),
        );
        let first = Parts::of(&overview(&state));
        let all = data(&first.since(&Parts::default(), 9).unwrap());
        assert_eq!(all["now"], 9);
        assert_eq!(all["set"]["order"], serde_json::json!([1, 2]));
        assert_eq!(all["set"]["share/1"]["name"], "a");
        assert_eq!(first.since(&first, 10), None);
        let address = "127.0.0.1:4000".parse().unwrap();
        let id = state.shares[0].id;
        update(&mut state, Event::ServerStarted(id, address));
        let second = Parts::of(&overview(&state));
        let changed = data(&second.since(&first, 10).unwrap());
        let names: Vec<_> = changed["set"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["share/1"]);
        state.shares.remove(0);
        let third = Parts::of(&overview(&state));
        let changed = data(&third.since(&second, 11).unwrap());
        assert_eq!(changed["gone"], serde_json::json!(["share/1"]));
    }
}
