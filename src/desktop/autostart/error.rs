//! Why launch at login couldn't be changed.

use std::io;

/// Launch at login couldn't be changed.
#[derive(Debug, thiserror::Error)]
pub enum AutostartError {
    #[error("Couldn't change Launch at Login: {0}. Check that you can write to that place.")]
    Entry(#[from] auto_launch::Error),
    #[error("Couldn't change Launch at Login: {0}. Check that you can write to that place.")]
    File(#[from] io::Error),
    #[error(
        "Couldn't switch on Launch at Login: the path of Spot Serve is not valid Unicode. Move it to another folder."
    )]
    NotUnicode,
    #[error(
        "Couldn't switch on Launch at Login: the system ignores the new entry. Add Spot Serve to the startup programs in your system settings."
    )]
    NoEffect,
}
