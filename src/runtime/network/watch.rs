//! Follows the network while a share is open to it.

use std::time::{Duration, Instant};

use tokio::{
    task::{AbortHandle, spawn_blocking},
    time::timeout,
};

use super::changes::Changes;
use crate::{
    lan::{self, ASK_AGAIN, Addresses, Networks},
    runtime::events::{Events, Message},
};

/// How long a system may take to find out what kind of network it is in.
const PATIENCE: Duration = Duration::from_secs(6);

/// How often to ask until it has found out, and to look again after an error.
const PACE: Duration = Duration::from_secs(1);

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
            ASK_AGAIN
        } else {
            PACE
        };
        pace.saturating_sub(self.asked.elapsed())
    }

    /// What the system says of these networks now; `None` if it doesn't answer, and said something before.
    fn with(&self, networks: Option<Networks>) -> Option<Addresses> {
        let networks = match networks {
            None if self.told.is_some() => return None,
            networks => networks.unwrap_or_else(Networks::unknown),
        };
        let mut addresses = self.plain.clone();
        addresses.note(&networks);
        addresses.is_settled = !(addresses.has_unknown() && self.is_young());
        Some(addresses)
    }
}

async fn follow(events: Events) {
    let mut changes = Changes::new();
    let mut seen: Option<Seen> = None;
    let mut has_failed = false;
    loop {
        let wait = match spawn_blocking(lan::at_hand).await {
            Ok(Ok(addresses)) => {
                has_failed = false;
                look(&mut seen, addresses, &events).await
            }
            Ok(Err(error)) => {
                if !has_failed {
                    tracing::warn!(%error, "can't look up this computer's addresses");
                }
                has_failed = true;
                PACE
            }
            // The program is ending.
            Err(_) => return,
        };
        let _ = timeout(wait, changes.next()).await;
    }
}

/// Tells of these addresses if there is anything new about them. Returns when to look again.
async fn look(seen: &mut Option<Seen>, addresses: Addresses, events: &Events) -> Duration {
    let seen = match seen {
        Some(seen) if seen.plain == addresses => {
            let wait = seen.next_question();
            if !wait.is_zero() {
                return wait;
            }
            seen.asked = Instant::now();
            seen
        }
        _ => seen.insert(Seen::now(addresses)),
    };
    if let Some(addresses) = seen.with(lan::networks().await)
        && seen.told.as_ref() != Some(&addresses)
    {
        seen.told = Some(addresses.clone());
        events.send_message(Message::Addresses(addresses));
    }
    seen.next_question()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lan::{Interface, Standing};

    fn wifi() -> Seen {
        Seen::now(Addresses {
            interfaces: vec![Interface {
                name: "wlan0".into(),
                standing: Standing::Private,
                is_inside: false,
                places: [[192, 168, 0, 7].into()].into(),
            }],
            ..Addresses::default()
        })
    }

    #[test]
    fn a_network_that_the_system_is_still_looking_at_is_asked_about_again() {
        let mut seen = wifi();
        assert!(seen.next_question() <= PACE);
        seen.told = seen.with(Some(Networks::default()));
        assert!(seen.told.as_ref().unwrap().is_settled);
        assert!(seen.next_question() > PACE);
        seen.told = seen.with(Some(Networks::unknown()));
        assert!(!seen.told.as_ref().unwrap().is_settled);
        assert!(seen.next_question() <= PACE);
        seen.since -= PATIENCE;
        assert!(seen.with(Some(Networks::unknown())).unwrap().is_settled);
        assert!(seen.next_question() > PACE);
    }

    #[test]
    fn without_an_answer_a_network_is_what_it_was_and_a_new_one_unknown() {
        let mut seen = wifi();
        let first = seen.with(None).unwrap();
        assert!(first.has_unknown());
        seen.told = seen.with(Some(Networks::default()));
        assert_eq!(seen.with(None), None);
    }
}
