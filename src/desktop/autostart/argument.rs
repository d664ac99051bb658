//! How an entry starts the program.

pub const ARGUMENT: &str = "--at-login";
