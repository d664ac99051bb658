//! Which network this computer is in, by the addresses it would send from.

use std::{
    net::IpAddr,
    time::{Duration, Instant, SystemTime},
};

use crate::lan;

/// If the wall clock advanced by this much more than the monotonic clock, the computer slept.
const SLEPT: Duration = Duration::from_secs(10);

/// The source addresses of packets to the internet, IPv4 and IPv6.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Network([Option<IpAddr>; 2]);

impl Network {
    /// The network that this computer is in now.
    pub fn at_hand() -> Self {
        Self(lan::own_addresses())
    }

    /// Identifies the network in the memory of transports.
    pub fn key(&self) -> String {
        let address = |address: &Option<IpAddr>| match address {
            Some(IpAddr::V4(v4)) => v4.to_string(),
            // The half that names the network. The other half changes for privacy.
            Some(IpAddr::V6(v6)) => v6.segments()[..4]
                .iter()
                .map(|s| format!("{s:x}:"))
                .collect(),
            None => "none".into(),
        };
        format!("{} {}", address(&self.0[0]), address(&self.0[1]))
    }

    /// Whether there is any network.
    pub fn is_there(&self) -> bool {
        self.0.iter().any(Option::is_some)
    }
}

/// What a check of the network found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkChange {
    Nothing,
    /// There was a network, and now there is none.
    Gone,
    /// Another network, or the computer woke up: connections may have died silently.
    Another,
}

/// Notices when the network changes and when the computer has slept.
#[derive(Debug)]
pub struct NetworkWatch {
    network: Network,
    own_clock: Instant,
    wall_clock: SystemTime,
}

impl NetworkWatch {
    /// Starts to watch.
    pub fn start() -> Self {
        Self {
            network: Network::at_hand(),
            own_clock: Instant::now(),
            wall_clock: SystemTime::now(),
        }
    }

    /// The network at the last check.
    pub fn network(&self) -> Network {
        self.network
    }

    /// What has changed since the last check.
    pub fn look(&mut self) -> NetworkChange {
        let before = std::mem::replace(self, Self::start());
        let own = self.own_clock.saturating_duration_since(before.own_clock);
        let wall = self
            .wall_clock
            .duration_since(before.wall_clock)
            .unwrap_or_default();
        let slept = wall > own + SLEPT;
        if before.network.is_there() && !self.network.is_there() {
            NetworkChange::Gone
        } else if slept || (self.network != before.network && self.network.is_there()) {
            NetworkChange::Another
        } else {
            NetworkChange::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_changed_from_one_moment_to_the_next() {
        let mut watch = NetworkWatch::start();
        assert_eq!(watch.look(), NetworkChange::Nothing);
    }

    #[test]
    fn a_jump_of_the_clock_means_that_the_computer_slept() {
        let mut watch = NetworkWatch::start();
        watch.wall_clock -= Duration::from_secs(60);
        assert_eq!(watch.look(), NetworkChange::Another);
    }

    #[test]
    fn a_new_network_and_a_lost_one_are_distinguished() {
        let here = Network::at_hand();
        let mut watch = NetworkWatch::start();
        watch.network = Network([Some(IpAddr::from([10, 9, 8, 7])), None]);
        let expected = if here.is_there() {
            NetworkChange::Another
        } else {
            NetworkChange::Gone
        };
        assert_eq!(watch.look(), expected);
    }
}
