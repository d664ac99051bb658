//! One request and its answer, as far as they have come.

use std::time::{Duration, Instant};

use super::{
    content, curl, fields,
    kept::Kept,
    view::{FieldView, Outcome, ReplayError, RequestDetail, RequestId, RequestSummary, Secrets},
};
use crate::app::visible;

/// The longest target that is listed, in characters.
const MAX_TARGET: usize = 2048;

/// A request when it comes.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub method: String,
    /// The path and the query.
    pub target: Vec<u8>,
    /// The head that the site gets.
    pub head: Vec<u8>,
    pub has_chunks: bool,
    /// The length of its body, if it is known.
    pub length: Option<u64>,
    pub is_web_socket: bool,
    /// Who sent it, fit to be shown.
    pub visitor: Option<String>,
    pub replay_of: Option<RequestId>,
}

/// The head of an answer.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: u16,
    /// As the visitor gets it.
    pub head: Vec<u8>,
    pub has_chunks: bool,
    pub is_event_stream: bool,
    /// The site speaks TLS.
    pub is_https: bool,
}

/// A request that was recorded.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub id: RequestId,
    asked: Asked,
    body: Kept,
    answer: Option<Answer>,
    answer_body: Kept,
    /// In milliseconds since 1970.
    started: u64,
    begun: Instant,
    first_byte: Option<Duration>,
    took: Option<Duration>,
    outcome: Outcome,
    /// What all of it takes in memory, approximately.
    pub bytes: usize,
}

impl Exchange {
    /// A request that comes now.
    pub fn new(id: RequestId, asked: Asked, now: (Instant, u64)) -> Self {
        // Lists and small fields take some, too.
        let bytes = asked.head.len() + asked.target.len() + 512;
        Self {
            id,
            body: Kept::new(asked.has_chunks),
            asked,
            answer: None,
            answer_body: Kept::default(),
            started: now.1,
            begun: now.0,
            first_byte: None,
            took: None,
            outcome: Outcome::Running,
            bytes,
        }
    }

    /// More of the request's body.
    pub fn sent(&mut self, bytes: &[u8]) {
        self.bytes += self.body.add(bytes);
    }

    /// The head of the answer.
    pub fn answered(&mut self, answer: Answer, now: Instant) {
        self.bytes += answer.head.len();
        self.first_byte = Some(now.saturating_duration_since(self.begun));
        self.answer_body = Kept::new(answer.has_chunks);
        self.answer = Some(answer);
    }

    /// More of the answer's body.
    pub fn received(&mut self, bytes: &[u8]) {
        self.bytes += self.answer_body.add(bytes);
    }

    /// Nothing more comes.
    pub fn ended(&mut self, outcome: Outcome, now: Instant) {
        self.outcome = outcome;
        self.took = Some(now.saturating_duration_since(self.begun));
    }

    /// The request as it is sent again.
    ///
    /// # Errors
    /// It can't be.
    pub fn replay(&self) -> Result<(Vec<u8>, Vec<u8>), ReplayError> {
        if self.asked.is_web_socket {
            return Err(ReplayError::WebSocket);
        }
        if self.body.is_cut() {
            return Err(ReplayError::TooLong);
        }
        let is_complete = self.body.is_over()
            && (self.asked.length).is_none_or(|length| length == self.body.size);
        if !is_complete {
            return Err(ReplayError::Incomplete);
        }
        Ok((self.asked.head.clone(), self.body.bytes.clone()))
    }

    pub fn summary(&self, now: Instant) -> RequestSummary {
        let answer = self.answer.as_ref();
        let head = answer.map(|answer| &answer.head[..]).unwrap_or_default();
        let duration = self
            .took
            .unwrap_or_else(|| now.saturating_duration_since(self.begun));
        let mut path = visible(&String::from_utf8_lossy(&self.asked.target));
        if let Some((end, _)) = path.char_indices().nth(MAX_TARGET) {
            path.truncate(end);
            path.push('…');
        }
        RequestSummary {
            id: self.id,
            method: visible(&self.asked.method),
            path,
            status: answer.map(|answer| answer.status),
            outcome: self.outcome,
            started: self.started,
            duration: millis(duration),
            size: self.answer_body.size,
            media_type: fields::value(head, "content-type").map(media_type),
            is_event_stream: answer.is_some_and(|answer| answer.is_event_stream),
            visitor: self.asked.visitor.clone(),
            replay_of: self.asked.replay_of,
        }
    }

    /// All that is shown of it. The site listens on `port`.
    pub fn detail(&self, port: u16, secrets: Secrets, now: Instant) -> RequestDetail {
        let answer = self.answer.as_ref();
        let head = answer.map(|answer| &answer.head[..]).unwrap_or_default();
        let coding = |head| fields::value(head, "content-encoding");
        let status_line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let status_line = String::from_utf8_lossy(status_line);
        let status_line = status_line.split_once(' ').map(|(_, status)| status.trim());
        RequestDetail {
            summary: self.summary(now),
            request_fields: fields::view(&self.asked.head, secrets),
            request_body: content::view(&self.body, coding(&self.asked.head)),
            status_line: status_line.map(visible),
            answer_fields: fields::view(head, secrets),
            answer_body: content::view(&self.answer_body, coding(head)),
            first_byte: self.first_byte.map(millis),
            can_replay: self.replay().is_ok(),
            can_copy: self.curl(port, secrets).is_some(),
        }
    }

    /// A command that sends the request to the site again, with what was recorded of its body; `None` if
    /// none is safe in the shells of this system.
    pub fn curl(&self, port: u16, secrets: Secrets) -> Option<String> {
        let sent = curl::Sent {
            method: &self.asked.method,
            target: &self.asked.target,
            head: &self.asked.head,
            body: &self.body.bytes,
            is_https: self.answer.as_ref().is_some_and(|answer| answer.is_https),
            port,
            secrets,
        };
        curl::command(&sent, curl::Shell::HERE)
    }

    /// Whether any of it that is shown without asking contains this text, in lower case.
    /// Bodies are unpacked as long as the `budget` of bytes lasts.
    pub fn contains(&self, text: &str, budget: &mut usize, now: Instant) -> bool {
        let has = |part: &str| part.to_lowercase().contains(text);
        let summary = self.summary(now);
        if has(&summary.path)
            || has(&summary.method)
            || summary
                .status
                .is_some_and(|status| status.to_string() == text)
        {
            return true;
        }
        let head = self.answer.as_ref().map(|answer| &answer.head[..]);
        let heads = [
            (&self.asked.head[..], &self.body),
            (head.unwrap_or_default(), &self.answer_body),
        ];
        let in_field = |field: &FieldView| has(&format!("{}: {}", field.name, field.value));
        heads.into_iter().any(|(head, body)| {
            if fields::view(head, Secrets::Masked).iter().any(in_field) {
                return true;
            }
            let text = (*budget > 0)
                .then(|| content::text_of(body, fields::value(head, "content-encoding")))
                .flatten();
            *budget = budget.saturating_sub(text.as_ref().map_or(body.bytes.len(), String::len));
            text.is_some_and(|text| has(&text))
        })
    }
}

fn media_type(value: &[u8]) -> String {
    let value = String::from_utf8_lossy(value);
    let name = value.split(';').next().unwrap_or_default().trim();
    visible(name).chars().take(100).collect()
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
