//! Everywhere but on Windows a program has its terminal from the start.

/// Nothing is to be done.
pub fn attach() {}

/// Nothing is to be done.
pub fn detach() {}

/// What is written is read, or nobody wants to: nothing is to be done.
pub fn show_dialog_unless_attached(_words: &str) {}
