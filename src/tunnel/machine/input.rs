//! Inputs of the state machine.

use super::runners::RunnerId;
use crate::{
    app::Problem,
    tunnel::{api_error::ApiError, line::Line, transport::Transports},
};

/// Each timer has at most one time at which it fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// Start another runner in the race.
    Race,
    /// Replace the runners that have failed so far. While one serves: give up those that were to
    /// take over.
    Fresh,
    /// DNS has been slow for long enough to say so.
    NameServer,
    /// Connecting has taken long enough to report a problem.
    Tell,
    /// The edge has refused the tunnel for long enough to drop its name.
    Refused,
    /// The pause is over.
    Pause,
    /// The tunnel has been online for long enough to forget its earlier failures.
    Settled,
    /// Ask the runner whether it is ready.
    Ready,
    /// Find out whether the link works.
    Probe,
    /// Stopping has taken too long.
    Stop,
    /// This runner was asked to end and has taken too long.
    Kill(RunnerId),
}

/// What can happen to a tunnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The proxy handed out the tunnel with this link.
    Named(String),
    /// The service gave no tunnel.
    Refused(ApiError),
    Said(RunnerId, Line),
    Exited(RunnerId, Option<i32>),
    /// This cloudflared could not be started. Trying again now would not help.
    CantStart(RunnerId, Problem),
    /// The answer of a runner's `/ready`.
    Ready(RunnerId, bool),
    /// The answer to [`Output::AwaitRoute`](super::output::Output::AwaitRoute).
    Routed(bool),
    /// Whether a probe found that the link this runner serves works.
    Probed(RunnerId, bool),
    Rang(Timer),
    /// This computer has lost its network, even if cloudflared has not noticed.
    NetworkGone,
    /// The network changed or the computer woke up: connections may have died silently.
    NetworkChanged(Transports),
    RetryNow,
    Stop,
}
