//! What the owner sees, as data.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Identifies a request of a site for the life of its share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub(super) u64);

/// Whether secrets are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    Masked,
    Shown,
}

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is being answered.
    Running,
    /// The visitor got all of the answer.
    Whole,
    /// The answer ended too early, or there was none.
    Cut,
}

/// A request in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestSummary {
    pub id: RequestId,
    pub method: String,
    /// The path and the query, fit to be shown.
    pub path: String,
    /// The status of the answer; `None` if there is none yet.
    pub status: Option<u16>,
    pub outcome: Outcome,
    /// When it came, in milliseconds since 1970.
    pub started: u64,
    /// The time until the answer was complete, or has taken so far, in milliseconds.
    pub duration: u64,
    /// Bytes of the answer's body so far.
    pub size: u64,
    /// The answer's media type, without parameters.
    pub media_type: Option<String>,
    /// The answer is a stream of events.
    pub is_event_stream: bool,
    /// Who sent it, if a visitor did.
    pub visitor: Option<String>,
    /// It repeats this one.
    pub replay_of: Option<RequestId>,
}

/// All of a request that was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestDetail {
    pub summary: RequestSummary,
    pub request_fields: Vec<FieldView>,
    pub request_body: BodyView,
    /// The status and the reason, such as `404 Not Found`.
    pub status_line: Option<String>,
    pub answer_fields: Vec<FieldView>,
    pub answer_body: BodyView,
    /// The time until the answer began, in milliseconds.
    pub first_byte: Option<u64>,
    /// Whether it can be sent again.
    pub can_replay: bool,
    /// Whether a command that sends it again is safe to paste in a terminal of this system.
    pub can_copy: bool,
}

/// A header field, fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldView {
    pub name: String,
    pub value: String,
    /// A part of the value is masked, and can be asked for.
    pub is_masked: bool,
}

/// A body, as far as it was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BodyView {
    /// All of it, in bytes, as it was sent.
    pub size: u64,
    /// The beginning; `None` if it is not text. It was unpacked if it came compressed.
    pub text: Option<String>,
    /// There is something, which is not text.
    pub is_binary: bool,
    /// There is more than this.
    pub is_cut: bool,
}

/// Why a request is not sent again.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ReplayError {
    #[error("This request is no longer recorded.")]
    Forgotten,
    #[error("Its body was longer than what is recorded, so it can't be sent again.")]
    TooLong,
    #[error("Its body has not arrived completely, so it can't be sent again.")]
    Incomplete,
    #[error("It opened a web socket, which can't be sent again.")]
    WebSocket,
    #[error("Too many requests are waiting to be sent again. Try again in a moment.")]
    TooMany,
}
