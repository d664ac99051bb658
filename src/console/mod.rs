//! Printing for the user, on Windows too, where the program starts without a console.
//!
//! A Windows program either opens a console at every start or starts without one. This one starts
//! without, and attaches to the console of the shell that started it, if there is one.

#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(not(windows), path = "unix.rs")]
mod platform;

use std::io::{self, Write};

pub use platform::{attach, detach, show_dialog_unless_attached};

use crate::app::visible;

/// Prints a line on standard output. A closed standard output is not an error.
pub fn print(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Prints text on standard error, which may be closed. Control characters, such as those in a hostile
/// file name, are replaced.
pub fn say(text: &str) {
    for line in text.lines() {
        let _ = writeln!(io::stderr().lock(), "{}", visible(line));
    }
}
