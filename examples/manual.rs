//! Writes the manual pages and shell completions that packages install.
//!
//! Usage: cargo run --example manual -- DIRECTORY

use std::{env, ffi::OsString, fs, io, path::PathBuf};

use clap::CommandFactory;
use clap_complete::{Shell, generate_to};
use spot_serve::cli::args::Cli;

fn main() -> io::Result<()> {
    let dir = PathBuf::from(env::args_os().nth(1).unwrap_or_else(|| OsString::from(".")));
    fs::create_dir_all(&dir)?;
    // Each command has a page, and needs no other one for `help COMMAND`.
    let mut command = Cli::command().disable_help_subcommand(true);
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell] {
        generate_to(shell, &mut command, "spot-serve", &dir)?;
    }
    // One page for the program, and one for each command.
    clap_mangen::generate_to(command, &dir)
}
