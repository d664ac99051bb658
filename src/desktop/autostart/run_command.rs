//! The format on Windows: a command line under the Run key.

use std::path::PathBuf;

/// Quotes a program, because its path may contain spaces. On Windows it can't contain quotes.
pub fn quoted(program: &str) -> String {
    format!("\"{program}\"")
}

/// The program that the command starts; `None` if a quote is missing.
pub fn program_of(command: &str) -> Option<PathBuf> {
    let program = match command.trim_start().strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?.0,
        None => command.split_whitespace().next()?,
    };
    Some(program.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desktop::autostart::entry::ARGUMENT;

    #[test]
    fn spaces_in_the_path_survive() {
        for program in [
            r"C:\spot-serve.exe",
            r"C:\Program Files\Spot & Serve\spot-serve.exe",
        ] {
            // As auto-launch 0.6 joins them.
            let command = format!("{} {ARGUMENT}", quoted(program));
            assert_eq!(program_of(&command), Some(program.into()));
        }
        // Without quotes, Windows would try to start `C:\Program.exe`.
        assert_eq!(
            program_of(r"C:\Program Files\spot-serve.exe --at-login"),
            Some(r"C:\Program".into())
        );
        for broken in ["", "  ", "\"C:\\spot-serve.exe"] {
            assert_eq!(program_of(broken), None);
        }
    }
}
