//! A share that lasts as long as its terminal.

use super::program::{self, Settings};
use crate::{
    app::{Event, State, Target},
    paths::Paths,
    runtime::Surface,
    terminal::{Host, Terminal},
};

/// Shares `target` from this process until it is asked to end.
///
/// `verbosity` is the number of `-v` options.
pub fn run(target: Target, paths: Paths, with_qr_code: bool, verbosity: u8) -> anyhow::Result<i32> {
    let Settings { config, .. } = program::prepare(&paths, verbosity)?;
    let state = State {
        ends_with_share: true,
        ..State::default()
    };
    let outcome = program::run(
        state,
        config,
        paths,
        |runtime| runtime.events().send(Event::ShareConfirmed(target)),
        |_| Surface::Terminal(Terminal::new(Host::Foreground, with_qr_code)),
    )?;
    Ok(program::exit_code(outcome))
}
