//! The `spot-serve` program. Everything it does starts in [`spot_serve::cli`].
#![cfg_attr(windows, windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    spot_serve::cli::run()
}
