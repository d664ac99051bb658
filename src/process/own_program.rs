//! The file of this program.

use std::{env, io, path::PathBuf};

/// The file that starts this program again.
///
/// # Errors
/// The system can't tell.
pub fn path() -> io::Result<PathBuf> {
    // The contents of an AppImage are mounted only while it is running.
    if let (Some(image), Some(unpacked)) = (env::var_os("APPIMAGE"), env::var_os("APPDIR"))
        && env::current_exe()?.starts_with(unpacked)
    {
        return Ok(image.into());
    }
    running()
}

/// The file that is running now, which has its data around it. In an AppImage, it is inside the image.
///
/// # Errors
/// The system can't tell.
pub fn running() -> io::Result<PathBuf> {
    Ok(without_deleted_mark(env::current_exe()?))
}

/// The path without the mark that Linux appends when the file was replaced while the program is
/// running, as an upgrade does.
fn without_deleted_mark(program: PathBuf) -> PathBuf {
    match program
        .to_str()
        .and_then(|text| text.strip_suffix(" (deleted)"))
    {
        Some(path) if !program.exists() => path.into(),
        _ => program,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_replaced_is_started_by_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let odd = dir.path().join("a (deleted)");
        assert_eq!(without_deleted_mark(odd.clone()), dir.path().join("a"));
        std::fs::write(&odd, "").unwrap();
        assert_eq!(without_deleted_mark(odd.clone()), odd);
    }
}
