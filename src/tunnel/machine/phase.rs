//! The phases of a tunnel.

/// Where a tunnel is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TunnelPhase {
    /// A cloudflared runs and has no name yet.
    Asking,
    /// The name is known and was never online. No connection is registered.
    Connecting,
    /// A connection is registered. Whether the edge routes the name is not known yet.
    Checking,
    Online,
    /// The name was online, and no connection is registered.
    Reconnecting,
    /// Nothing runs. The next attempt starts when the timer fires.
    Pausing,
    /// No cloudflared can be started. Only the user can fix that; now and then the machine checks.
    GivenUp,
    /// Every cloudflared was asked to end.
    Stopping,
    Ended,
}
