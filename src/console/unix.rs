//! Everywhere but on Windows, a program has its terminal from the start, so there is nothing to do.

pub fn attach() {}

pub fn detach() {}

pub fn show_dialog_unless_attached(_text: &str) {}
