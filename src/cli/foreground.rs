//! A share that lasts as long as its terminal.

use super::program::{self, Settings};
use crate::{
    app::{Changes, Event, PasswordChange, State, Target},
    control::in_terminals::OwnFile,
    paths::Paths,
    runtime::Surface,
    terminal::{Host, Terminal},
};

/// Shares `target` from this process until it is asked to end.
///
/// With `is_agreed`, nothing is asked: it is also opened to a network that may be public.
/// `verbosity` is the number of `-v` options.
pub fn run(
    target: Target,
    changes: Changes,
    paths: Paths,
    is_agreed: bool,
    with_qr_code: bool,
    verbosity: u8,
) -> anyhow::Result<i32> {
    let Settings { config, .. } = program::prepare(&paths, verbosity)?;
    let mut terminal = Terminal::new(Host::Foreground, with_qr_code);
    if matches!(changes.password, Some(PasswordChange::Set(_))) {
        terminal = terminal.without_password();
    }
    match OwnFile::begin(&paths.runtime) {
        Ok(file) => terminal = terminal.telling(file),
        Err(error) => tracing::warn!(%error),
    }
    let state = State {
        ends_with_share: true,
        agrees_to_networks: is_agreed,
        ..State::default()
    };
    let outcome = program::run(
        state,
        config,
        paths,
        |runtime| {
            runtime.events().send(Event::ShareWith {
                target,
                is_confirmed: true,
                changes,
            });
        },
        |_| Surface::Terminal(terminal),
    )?;
    Ok(program::exit_code(outcome))
}
