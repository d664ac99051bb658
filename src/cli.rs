//! The command line: its `--help` is the manual.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::tunnel::tie::GUARD_COMMAND;

/// Share a folder with one click: a working public link on the clipboard.
///
/// Without a command, Spot Serve starts its tray icon.
#[derive(Debug, Parser)]
#[command(name = "spot-serve", version, about, long_about, after_help = EXIT_CODES)]
#[command(disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    /// For the desktop, which starts the program before its panel
    #[arg(long, hide = true)]
    pub at_login: bool,
}

const EXIT_CODES: &str =
    "Exit codes: 0 done, 1 it failed, 2 wrong usage, 3 shared on this computer only.";

#[derive(Debug, Subcommand)]
pub enum Command {
    Share(Share),
    /// Open the dialog that chooses a folder to share
    Pick,
    /// Show what is shared, and the links
    List(Json),
    Stop(Stop),
    /// End Spot Serve and all that it shares
    Quit,
    /// Check everything that a share needs, and say what to do
    Doctor(Json),
    /// Show where the settings are, and all of them as they are in effect
    Config,
    /// The part that makes public links, cloudflared: fetch it, check it, say where it is
    #[command(subcommand)]
    Sidecar(Sidecar),
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
pub struct Json {
    /// Print it as JSON
    #[arg(long)]
    pub json: bool,
}

/// Share a folder, files, or the site on a port; the link is printed on standard output when it
/// works
///
/// Spot Serve's tray icon takes the share over, and is started for it where a desktop shows tray
/// icons. Elsewhere the share lasts until Ctrl-C.
#[derive(Debug, Args)]
pub struct Share {
    /// A folder, files and folders that become one share, or the port of a site on this computer
    #[arg(required = true, value_name = "PATH|PORT")]
    pub paths: Vec<PathBuf>,
    /// Share from this process, without a tray, until Ctrl-C
    #[arg(long)]
    pub foreground: bool,
    /// Share it even if it holds private things, such as keys
    #[arg(long, short)]
    pub yes: bool,
    /// For file managers: show questions and answers on the desktop
    #[arg(long, hide = true, conflicts_with = "foreground")]
    pub desktop: bool,
}

/// Stop sharing: the only share, the one with this name, path, port or link, or all
#[derive(Debug, Args)]
pub struct Stop {
    #[arg(value_name = "NAME|PATH|PORT|LINK", conflicts_with = "all")]
    pub which: Option<OsString>,
    /// Stop all sharing
    #[arg(long)]
    pub all: bool,
}
