//! How many connections a share takes at the same time, and how long they wait.

use std::time::Duration;

use crate::server::transport::Patience;

/// The limits of one share.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections served at the same time.
    pub served: usize,
    /// Connections that wait until another ends, or are told that there are too many. Any others
    /// wait to be accepted.
    pub waiting: usize,
    /// How long a connection waits.
    pub wait: Duration,
    /// How long others keep their places while it waits.
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
