//! How long a connection keeps its place while others wait.

use std::time::Duration;

/// How long a connection keeps its place while others wait.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until its first request.
    pub grace: Duration,
    /// While its visitor receives nothing, or sends nothing of a body.
    pub stall: Duration,
    /// While its visitor sends nothing of a body, even if nobody waits: what was sent of a file is
    /// kept, and the request counts towards the limit of a quick tunnel.
    pub body: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            grace: Duration::from_millis(500),
            stall: Duration::from_secs(60),
            body: Duration::from_secs(120),
        }
    }
}
