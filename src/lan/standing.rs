//! What the system says of the networks that this computer is in.

use std::collections::HashMap;

/// What the system says of a network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Standing {
    /// It doesn't call it public.
    #[default]
    Private,
    /// It calls it public.
    Public {
        /// As people read it; may be empty.
        name: String,
        /// Tells it from others with this name, if the system can.
        id: Option<String>,
    },
    /// It should know, but doesn't say, or not yet.
    Unknown,
}

/// What the system says of the networks behind the interfaces of this computer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks {
    /// By the name of the interface.
    pub known: HashMap<String, Standing>,
    pub others: Standing,
}

impl Networks {
    /// What to go by if the system doesn't answer.
    pub fn unknown() -> Self {
        Self {
            others: Standing::Unknown,
            ..Self::default()
        }
    }

    /// What it says of the network behind this interface.
    pub fn behind(&self, interface: &str) -> &Standing {
        self.known.get(interface).unwrap_or(&self.others)
    }
}
