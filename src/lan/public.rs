//! Networks that the system calls public.

/// A network that the system calls public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicNetwork {
    /// The interface through which this computer is in it.
    pub interface: String,
    /// What it is called, perhaps nothing.
    pub name: String,
}
