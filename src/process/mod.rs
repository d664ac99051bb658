//! Processes that the program starts.

pub mod child_lifetime;
