//! Follows the network while a share is open to it.

use std::time::{Duration, Instant};

use tokio::{
    task::{AbortHandle, spawn_blocking},
    time::timeout,
};

use super::changes::Changes;
use crate::{
    lan::{self, Addresses},
    runtime::events::{Events, Message},
};

/// How long a system may take to find out what kind of network it is in.
const PATIENCE: Duration = Duration::from_secs(6);

/// How often to ask until it has found out.
const PACE: Duration = Duration::from_secs(1);

/// How often to ask afterwards: the user may have changed it.
const LATER: Duration = Duration::from_secs(120);

/// Tells of each change of this computer's addresses, until this is dropped.
pub struct Watch(AbortHandle);

impl Watch {
    /// Tells of the addresses at hand first. Must be called within a tokio runtime.
    pub fn start(events: &Events) -> Self {
        Self(tokio::spawn(follow(events.clone())).abort_handle())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What has been seen of the network.
struct Seen {
    /// As the system lists them.
    plain: Addresses,
    since: Instant,
    asked: Instant,
    /// What was told: with what the system says of their networks.
    told: Option<Addresses>,
}

impl Seen {
    fn now(plain: Addresses) -> Self {
        let now = Instant::now();
        Self {
            plain,
            since: now,
            asked: now,
            told: None,
        }
    }

    /// Whether the system may still be finding out what kind of network it is in.
    fn is_young(&self) -> bool {
        self.since.elapsed() < PATIENCE
    }

    /// When to ask again what kind of networks these are.
    fn next_question(&self) -> Duration {
        let is_certain = self.told.as_ref().is_some_and(|told| !told.has_unknown());
        let pace = if is_certain || !self.is_young() {
            LATER
        } else {
            PACE
        };
        pace.saturating_sub(self.asked.elapsed())
    }
}

async fn follow(events: Events) {
    let mut changes = Changes::new();
    let mut seen: Option<Seen> = None;
    loop {
        match spawn_blocking(lan::at_hand).await {
            Ok(Ok(addresses)) => look(&mut seen, addresses, &events).await,
            Ok(Err(error)) => tracing::warn!(%error, "can't look up this computer's addresses"),
            // The program is ending.
            Err(_) => return,
        }
        let wait = seen.as_ref().map_or(LATER, Seen::next_question);
        let _ = timeout(wait, changes.next()).await;
    }
}

/// Tells of these addresses if there is anything new about them.
async fn look(seen: &mut Option<Seen>, mut addresses: Addresses, events: &Events) {
    let seen = match seen {
        Some(seen) if seen.plain == addresses => {
            if !seen.next_question().is_zero() {
                return;
            }
            seen.asked = Instant::now();
            seen
        }
        _ => seen.insert(Seen::now(addresses.clone())),
    };
    addresses.note(&lan::networks().await);
    let is_undecided = addresses.has_unknown() && seen.is_young();
    if !is_undecided && seen.told.as_ref() != Some(&addresses) {
        seen.told = Some(addresses.clone());
        events.send_message(Message::Addresses(addresses));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lan::{Address, Standing};

    #[test]
    fn a_network_that_the_system_is_still_looking_at_is_asked_about_again() {
        let at = |standing| {
            let address = Address::at([192, 168, 0, 7].into(), "wlan0", standing);
            Addresses {
                private: vec![address],
                has_public: false,
            }
        };
        let mut seen = Seen::now(at(Standing::Private));
        assert!(seen.next_question() <= PACE);
        seen.told = Some(at(Standing::Private));
        assert!(seen.next_question() > PACE);
        seen.told = Some(at(Standing::Unknown));
        assert!(seen.next_question() <= PACE);
        seen.since -= PATIENCE;
        assert!(!seen.is_young());
        assert!(seen.next_question() > PACE);
    }
}
