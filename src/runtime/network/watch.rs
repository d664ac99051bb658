//! Follows the network while a share is open to it.

use tokio::task::{AbortHandle, spawn_blocking};

use super::changes::Changes;
use crate::{
    lan::{self, Addresses},
    runtime::events::{Events, Message},
};

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

/// Whether there is anything new since the last look. To ask which networks are public takes longer.
fn has_others(now: &Addresses, last: Option<&Addresses>) -> bool {
    let plain = |addresses: &Addresses| {
        let mut plain = addresses.clone();
        plain.note_public_networks(&[]);
        plain
    };
    last.map(plain).as_ref() != Some(now)
}

async fn follow(events: Events) {
    let mut changes = Changes::new();
    let mut last = None;
    loop {
        match spawn_blocking(lan::at_hand).await {
            Ok(Ok(mut addresses)) => {
                if has_others(&addresses, last.as_ref()) {
                    addresses.note_public_networks(&lan::public_networks().await);
                    last = Some(addresses.clone());
                    events.send_message(Message::Addresses(addresses));
                }
            }
            Ok(Err(error)) => tracing::warn!(%error, "can't look up this computer's addresses"),
            // The program is ending.
            Err(_) => return,
        }
        changes.next().await;
    }
}
