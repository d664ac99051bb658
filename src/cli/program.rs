//! Preparing and running the program itself, in the tray or in the foreground.

use std::env;

use anyhow::Context;

use crate::{
    app::State,
    config::Config,
    console,
    logging::{self, filter},
    paths::{Paths, PathsError},
    runtime::{Events, Outcome, Runtime, Surface},
    store,
};

/// The user's directories, created if missing.
pub fn user_paths() -> Result<Paths, PathsError> {
    let paths = Paths::of_this_user()?;
    paths.create()?;
    Ok(paths)
}

/// Settings as they were found at the start.
pub struct Settings {
    pub config: Config,
    /// What is wrong with the settings file. Already printed on standard error.
    pub mistake: Option<String>,
}

/// Starts the log, loads the settings, and creates the files that every share needs.
///
/// `verbosity` is the number of `-v` options.
///
/// # Errors
/// A file can't be written.
pub fn prepare(paths: &Paths, verbosity: u8) -> anyhow::Result<Settings> {
    let filter = filter::from_environment(verbosity).unwrap_or_else(|error| {
        console::say(&error.to_string());
        filter::from_verbosity(verbosity)
    });
    let log = paths.log_file();
    if let Err(error) = logging::start(&log, filter) {
        console::say(&format!(
            "Can't write the log file {}: {error}. Spot Serve runs without a log.",
            log.display()
        ));
    }
    let empty = paths.empty_tunnel_config();
    store::ensure_empty(&empty).with_context(|| format!("Can't write {}", empty.display()))?;
    Ok(match Config::load(&paths.config_file()) {
        Ok(config) => Settings {
            config,
            mistake: None,
        },
        Err(error) => {
            tracing::warn!("{error}");
            let mistake = format!(
                "{error}\nUntil this is fixed, Spot Serve {}.",
                error.substitute_in_words()
            );
            console::say(&mistake);
            Settings {
                config: error.substitute(),
                mistake: Some(mistake),
            }
        }
    })
}

/// Runs the program on this thread, which must live as long as the program does: on Linux,
/// cloudflared ends with the thread that started it.
pub fn run(
    state: State,
    config: Config,
    paths: Paths,
    begin: impl FnOnce(&Runtime),
    surface: impl FnOnce(&Events) -> Surface,
) -> anyhow::Result<Outcome> {
    // The folder in which it was started may be on a disk that is to be unmounted. On other systems
    // the path of this program may depend on it.
    if cfg!(target_os = "linux")
        && let Err(error) = env::set_current_dir("/")
    {
        tracing::warn!(%error, "can't leave the folder in which the program was started");
    }
    let tokio = async_runtime()?;
    let outcome = tokio.block_on(async {
        let runtime = Runtime::new(state, config, paths, surface);
        begin(&runtime);
        runtime.run().await
    });
    // Don't wait for threads that are blocked on something outside the program.
    tokio.shutdown_background();
    Ok(outcome)
}

pub fn async_runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("Can't start the asynchronous runtime")
}

pub fn exit_code(outcome: Outcome) -> i32 {
    match outcome {
        Outcome::Done => 0,
        Outcome::Failed => 1,
        Outcome::LocalOnly => 3,
    }
}
