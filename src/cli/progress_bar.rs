//! The progress of a download, on standard error.

use std::io::{self, IsTerminal, Write};

/// A progress bar on a terminal; nothing elsewhere.
#[derive(Default)]
pub struct ProgressBar {
    tenths: Option<u64>,
}

impl ProgressBar {
    const WIDTH: u64 = 30;

    pub fn show(&mut self, got: u64, size: u64) {
        let tenths = got / 100_000;
        if self.tenths == Some(tenths) || !io::stderr().is_terminal() {
            return;
        }
        self.tenths = Some(tenths);
        let full = (Self::WIDTH * got.min(size) / size.max(1)) as usize;
        let bar = format!(
            "{}{}",
            "#".repeat(full),
            " ".repeat(Self::WIDTH as usize - full)
        );
        let (got, size) = (tenths as f64 / 10.0, size as f64 / 1e6);
        // Progress is cosmetic; a failed write doesn't matter.
        let _ = write!(io::stderr(), "\r[{bar}] {got:.1} of {size:.1} MB");
    }

    pub fn end(&self) {
        if self.tenths.is_some() {
            let _ = writeln!(io::stderr());
        }
    }
}
