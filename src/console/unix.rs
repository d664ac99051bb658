//! Everywhere but on Windows a program has its terminal from the start.

/// Nothing is to be done.
pub fn join() {}

/// Nothing is to be done.
pub fn leave() {}

/// What is written is read, or nobody wants to: nothing is to be done.
pub fn show_where_nothing_is_read(_words: &str) {}
