//! The error of a file that is not what its name says.

use std::io;

/// It is not what its name says.
pub fn invalid() -> io::Error {
    io::ErrorKind::InvalidData.into()
}
