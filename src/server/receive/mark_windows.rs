//! On Windows, files from the Internet zone are opened with care.

use std::{fs::File, io::Write};

use cap_std::fs::Dir;

use super::private;

/// Marks a file as one from a stranger, if the file system keeps such marks.
pub fn mark(parts: &Dir, name: &str, _file: &File, origin: &str) {
    let stream = format!("{name}:Zone.Identifier");
    let written = parts
        .open_with(stream, &private::new_file())
        .and_then(|file| {
            let text = format!("[ZoneTransfer]\r\nZoneId=3\r\nHostUrl={origin}\r\n");
            file.into_std().write_all(text.as_bytes())
        });
    if let Err(error) = written {
        tracing::debug!(%error, "a received file can't be marked");
    }
}
