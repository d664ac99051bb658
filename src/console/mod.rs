//! Where words for a person go when the program does not know whether a console is there.
//!
//! On Windows a program either opens a console at every start, or has none at first. This one
//! has none, and joins that of the shell it was started from, if there is one.

#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(not(windows), path = "unix.rs")]
mod platform;

use std::io::{self, Write};

pub use platform::{attach, detach, show_dialog_unless_attached};

use crate::app::visible;

/// Prints a line on standard output. A reader that has gone away is no reason to fail.
pub fn print(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Says words on standard error, also when nobody hears them. A hostile file name in them can't
/// steer the terminal.
pub fn say(words: &str) {
    for line in words.lines() {
        let _ = writeln!(io::stderr().lock(), "{}", visible(line));
    }
}
