//! Which transport got through in which network, remembered for a day.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

use super::transport::Transport;
use crate::store::{self, Writer};

/// How long an entry is used.
const LASTS: Duration = Duration::from_secs(24 * 3600);

/// How many networks are remembered. The oldest are dropped first.
const MAX_NETWORKS: usize = 16;

/// The transports that got through, kept in a file for all shares.
#[derive(Debug)]
pub struct TransportMemory {
    file: Writer,
    won: Mutex<BTreeMap<String, Success>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Success {
    protocol: Transport,
    /// Seconds since 1970.
    at: u64,
}

impl TransportMemory {
    /// Loads what an earlier run left in `file`.
    pub fn load(file: &Path) -> Self {
        Self {
            file: Writer::to(file.to_owned()),
            won: Mutex::new(store::load(file).unwrap_or_default()),
        }
    }

    /// The transport that got through in this network within the last day.
    pub fn of(&self, network: &str) -> Option<Transport> {
        let won = *self.lock().get(network)?;
        let is_fresh = now().abs_diff(won.at) < LASTS.as_secs();
        is_fresh.then_some(won.protocol)
    }

    /// Remembers a transport that got through. Writes the file only if that is news.
    pub fn remember(&self, network: &str, protocol: Transport) {
        let at = now();
        let mut won = self.lock();
        let before = won.insert(network.to_owned(), Success { protocol, at });
        let is_news = before.is_none_or(|before| {
            before.protocol != protocol || at.abs_diff(before.at) > LASTS.as_secs() / 4
        });
        while won.len() > MAX_NETWORKS {
            let oldest = won
                .iter()
                .min_by_key(|(_, won)| won.at)
                .map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                won.remove(&oldest);
            }
        }
        if is_news {
            self.file.save(&*won);
        }
    }

    /// Waits until the file is written.
    pub fn finish(&self) {
        self.file.finish();
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Success>> {
        self.won.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transport_is_remembered_for_a_day_and_for_its_network_only() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("protocols.json");
        TransportMemory::load(&file).remember("10.0.0.2 none", Transport::Http2);
        let later = TransportMemory::load(&file);
        assert_eq!(later.of("10.0.0.2 none"), Some(Transport::Http2));
        assert_eq!(later.of("10.0.0.3 none"), None);
        later.lock().get_mut("10.0.0.2 none").unwrap().at -= LASTS.as_secs();
        assert_eq!(later.of("10.0.0.2 none"), None);
    }

    #[test]
    fn the_memory_stays_small() {
        let dir = tempfile::tempdir().unwrap();
        let transport_memory = TransportMemory::load(&dir.path().join("protocols.json"));
        for n in 0..100 {
            transport_memory.remember(&format!("10.0.0.{n} none"), Transport::Quic);
        }
        assert_eq!(transport_memory.lock().len(), MAX_NETWORKS);
    }
}
