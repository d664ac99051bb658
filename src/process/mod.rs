//! Processes: this one, and those it starts.

pub mod child_lifetime;
pub mod own_program;
