//! `spot-serve` without a command: the program in the tray.

use super::{
    errors,
    program::{self, Settings},
};
use crate::{
    app::{Download, Event, RecentFolders, State},
    console,
    control::{InstanceLock, InstanceLockError},
    desktop::tray_host,
    paths,
    runtime::{Desktop, Surface},
    store, tray,
    tunnel::pins,
};

/// Runs the tray app. If one is already running, says so and succeeds.
///
/// `verbosity` is the number of `-v` options.
pub fn run(at_login: bool, verbosity: u8) -> anyhow::Result<i32> {
    let paths = program::user_paths()?;
    let instance_lock = match InstanceLock::acquire(&paths.lock_file()) {
        Ok(instance_lock) => instance_lock,
        Err(error @ InstanceLockError::AlreadyRunning(_)) => {
            let where_to_find_it = if program::async_runtime()?.block_on(tray_host::is_there()) {
                "Look for its icon in the tray."
            } else {
                "Run `spot-serve list` to see what it shares, or `spot-serve quit` to end it."
            };
            let text = format!("{error} {where_to_find_it}");
            console::say(&text);
            if !at_login {
                console::show_dialog_unless_attached(&text);
            }
            return Ok(0);
        }
        Err(error) => return Err(error.into()),
    };
    let Settings { config, mistake } = program::prepare(&paths, verbosity)?;
    let folders = store::load_recent(&paths.recent_file()).unwrap_or_else(paths::usual_folders);
    let state = State {
        recent: RecentFolders::new(folders),
        home: paths.home.clone(),
        download: pins::for_this_target().map(|pin| Download::offered(pin.size)),
        ..State::default()
    };
    console::detach();
    Ok(tray::run(move || {
        let _only_one = instance_lock;
        let notifications = config.app.notifications;
        let outcome = program::run(
            state,
            config,
            paths,
            |runtime| {
                if let Some(mistake) = mistake {
                    runtime.events().send(Event::ActionFailed(mistake));
                }
                runtime.answer_commands();
                runtime.look_for_tray_host(at_login);
                runtime.end_with_session();
            },
            |events| Surface::Desktop(Desktop::start(events, notifications)),
        );
        match outcome {
            Ok(outcome) => program::exit_code(outcome),
            Err(error) => {
                errors::report(&error);
                1
            }
        }
    }))
}
