//! Reading files at a position.

use std::{fs::File, io};

use crate::server::platform::read_once;

/// Reads from a position in a file until `buffer` is full or the file ends. May wait for the disk.
///
/// # Errors
/// The underlying I/O error.
pub fn read_at(file: &File, mut offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match read_once(file, offset, &mut buffer[read..]) {
            Ok(0) => break,
            Ok(count) => {
                read += count;
                offset += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}
