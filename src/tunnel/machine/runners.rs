//! The cloudflareds of one tunnel: usually one, for a moment two when one takes over.

use std::{collections::BTreeSet, time::Duration};

use crate::tunnel::transport::Transport;

/// How long a replaced cloudflared may take to finish what is in flight.
pub const RETIREMENT: Duration = Duration::from_secs(32);

/// Identifies a cloudflared of a tunnel. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunnerId(pub u32);

/// One cloudflared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runner {
    pub id: RunnerId,
    pub transport: Transport,
    /// The indices of its registered connections.
    pub connections: BTreeSet<u8>,
    /// It knows the edge's addresses and has tried one.
    pub has_dialled: bool,
    /// It has registered before.
    pub was_registered: bool,
    /// How often the edge refused it.
    pub refusals: u32,
    /// Its registered connections may be dead.
    pub is_doubted: bool,
    /// It was started to take over from the one that serves.
    pub takes_over: bool,
    /// False after it was asked to end.
    pub counts: bool,
}

#[derive(Debug, Default)]
pub struct Runners {
    all: Vec<Runner>,
    last: u32,
}

impl Runners {
    pub fn add(&mut self, transport: Transport) -> RunnerId {
        self.last += 1;
        let id = RunnerId(self.last);
        self.all.push(Runner {
            id,
            transport,
            connections: BTreeSet::new(),
            has_dialled: false,
            was_registered: false,
            refusals: 0,
            is_doubted: false,
            takes_over: false,
            counts: true,
        });
        id
    }

    pub fn get(&mut self, id: RunnerId) -> Option<&mut Runner> {
        self.all.iter_mut().find(|runner| runner.id == id)
    }

    pub fn remove(&mut self, id: RunnerId) -> Option<Runner> {
        let place = self.all.iter().position(|runner| runner.id == id)?;
        Some(self.all.remove(place))
    }

    /// Every process that may still run.
    pub fn ids(&self) -> Vec<RunnerId> {
        self.all.iter().map(|runner| runner.id).collect()
    }

    /// Those that were not asked to end.
    pub fn counted(&self) -> Vec<RunnerId> {
        self.iter().map(|runner| runner.id).collect()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Runner> {
        self.all.iter().filter(|runner| runner.counts)
    }

    pub fn is_counted(&self, id: RunnerId) -> bool {
        self.iter().any(|runner| runner.id == id)
    }

    /// The one that serves now.
    pub fn serving(&self) -> Option<RunnerId> {
        let serves = |runner: &&Runner| !runner.connections.is_empty() && !runner.is_doubted;
        self.iter().find(serves).map(|runner| runner.id)
    }

    pub fn mark_dialled(&mut self, id: RunnerId) {
        if let Some(runner) = self.get(id) {
            runner.has_dialled = true;
        }
    }

    /// From now on it does not count. False if it did not before.
    pub fn let_go(&mut self, id: RunnerId) -> bool {
        self.get(id)
            .is_some_and(|runner| std::mem::replace(&mut runner.counts, false))
    }
}
