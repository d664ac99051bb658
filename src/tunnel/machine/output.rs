//! What the machine wants done.

use std::time::Duration;

use super::{input::Timer, runners::RunnerId};
use crate::{app::TunnelReport, tunnel::transport::Transport};

/// What the supervisor has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    Start(RunnerId, Transport),
    Terminate(RunnerId),
    Kill(RunnerId),
    /// Fire the timer after this long. This replaces an earlier time.
    Set(Timer, Duration),
    Clear(Timer),
    /// Ask this runner's `/ready`.
    AskReady(RunnerId),
    /// Find out whether the link works, unless visitors have shown it since the last time or a
    /// probe went through within the last minute.
    Probe(RunnerId),
    /// Find out, for up to some seconds, whether the edge routes the name yet.
    AwaitRoute(RunnerId),
    /// Drop the cached tunnel: the next cloudflared gets a new name.
    Forget,
    /// This transport got through.
    Remember(Transport),
    Report(TunnelReport),
}
