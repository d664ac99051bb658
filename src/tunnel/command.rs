//! What the user asks of a running tunnel.

/// A request to a running tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    RetryNow,
    Stop,
}
