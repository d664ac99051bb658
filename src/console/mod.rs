//! Where words for a person go when the program does not know whether a console is there.
//!
//! On Windows a program either opens a console at every start, or has none at first. This one
//! has none, and joins that of the shell it was started from, if there is one.

#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(not(windows), path = "unix.rs")]
mod platform;

pub use platform::{join, leave, show_where_nothing_is_read};
