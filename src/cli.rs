//! The command line: its `--help` is the manual.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand};

/// Share a folder with one click: a working public link on the clipboard.
///
/// Without a command, Spot Serve starts its tray icon.
#[derive(Debug, Parser)]
#[command(version, about, long_about, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The hidden command under which the program guards a child, see [`crate::tunnel::tie`].
pub const GUARD_COMMAND: &str = "guard-child";

const EXIT_CODES: &str =
    "Exit codes: 0 done, 1 it failed, 2 wrong usage, 3 shared on this computer only.";

#[derive(Debug, Subcommand)]
pub enum Command {
    Share(Share),
    /// The part that makes public links, cloudflared: fetch it, check it, say where it is
    #[command(subcommand)]
    Sidecar(Sidecar),
    /// Check everything that a share needs, and say what to do
    Doctor(Doctor),
    /// Runs a program that ends when standard input closes. For Spot Serve itself.
    #[command(name = GUARD_COMMAND, hide = true)]
    GuardChild {
        program: OsString,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

#[derive(Debug, Subcommand)]
pub enum Sidecar {
    /// Download the cloudflared that belongs to this version, 40 MB; goes on where it broke off
    Fetch,
    /// Check the cloudflared that would be run
    Verify,
    /// Print the path of the cloudflared that would be run
    Path,
}

#[derive(Debug, Args)]
pub struct Doctor {
    /// Print what was found as JSON
    #[arg(long)]
    pub json: bool,
}

/// Share a folder or files; the link is printed on standard output when it works
#[derive(Debug, Args)]
pub struct Share {
    /// The folder to share, or files and folders that become one share
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Share from this process, without a tray, until Ctrl-C; so far the same without it
    #[arg(long)]
    pub foreground: bool,
}
