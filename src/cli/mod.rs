//! The command line: reads the arguments and runs the command.
//!
//! - [`args`]: the arguments; their `--help` is the manual
//! - `tray`: no command: the program in the tray
//! - `share`: `share` and `receive`, which hand over to the program in the tray or share in the foreground
//! - `standard_input`: what `share -` shares
//! - `remote`: `pick`, `list`, `stop` and `quit`, which the program in the tray carries out
//! - `dashboard`: the page that shows and steers everything
//! - `activity`: what has happened
//! - `status`, `set`, `qr`, `doctor`, `config`, `sidecar`, `update`, `guard`: the commands of the same name
//! - `hand_over`, `instance`, `foreground`, `missing_sidecar`, `program`, `progress_bar`, `selector`,
//!   `settings`, `consent`, `errors`: what they have in common

mod activity;
pub mod args;
mod config;
mod consent;
mod dashboard;
mod doctor;
mod errors;
mod foreground;
mod guard;
mod hand_over;
mod instance;
mod missing_sidecar;
mod program;
mod progress_bar;
mod qr;
mod remote;
mod selector;
mod set;
mod settings;
mod share;
mod sidecar;
mod standard_input;
mod status;
mod tray;
mod update;

use std::process::ExitCode;

use clap::Parser;

use self::args::{Cli, Command};
use crate::{allocator, console};

/// Runs the command that the arguments of this process name.
pub fn run() -> ExitCode {
    allocator::keep_little();
    console::attach();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return errors::report_usage(error),
    };
    match run_command(cli) {
        // Codes that don't fit into a byte exist on Windows only, where no guard runs.
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => errors::report(&error),
    }
}

/// Runs the command and returns its exit code.
fn run_command(cli: Cli) -> anyhow::Result<i32> {
    let verbosity = cli.verbose;
    match cli.command {
        None => tray::run(cli.at_login, verbosity),
        Some(Command::Share(args)) => share::run(&args, verbosity),
        Some(Command::Receive(args)) => share::receive(&args, verbosity),
        Some(Command::Pick) => remote::pick(verbosity),
        Some(Command::List(args)) => remote::list(&args),
        Some(Command::Status) => status::run(),
        Some(Command::Stop(args)) => remote::stop(&args),
        Some(Command::Set(args)) => set::run(&args),
        Some(Command::Qr(args)) => qr::run(&args),
        Some(Command::Activity(args)) => activity::run(&args),
        Some(Command::Dashboard(args)) => dashboard::run(&args, verbosity),
        Some(Command::Quit) => remote::quit(),
        Some(Command::Doctor(args)) => doctor::run(&args),
        Some(Command::Config) => config::run(),
        Some(Command::Sidecar(command)) => sidecar::run(&command),
        Some(Command::Update(command)) => update::run(&command),
        Some(Command::GuardChild { program, arguments }) => guard::run(program, arguments),
    }
}
