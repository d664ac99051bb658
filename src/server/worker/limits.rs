//! How many connections a share takes at a time, and how long they wait.

use std::time::Duration;

use crate::server::transport::Patience;

/// The limits of one share.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections that are served at a time.
    pub served: usize,
    /// Connections that wait until another ends, or are told that there are too many. More wait to
    /// be accepted.
    pub waiting: usize,
    /// How long a connection waits.
    pub wait: Duration,
    /// How long the others may keep it waiting.
    pub patience: Patience,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            served: 480,
            waiting: 32,
            wait: Duration::from_secs(2),
            patience: Patience::default(),
        }
    }
}
