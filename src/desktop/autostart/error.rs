//! What launch at login reports when it can't be changed.

/// Launch at login couldn't be changed.
#[derive(Debug, thiserror::Error)]
#[error("Couldn't change Launch at Login: {0}")]
pub struct AutostartError(pub String);
