//! Reads the command line and starts what it asks for.

mod sidecar;

use std::{io::Write, path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::Parser;
use spot_serve::{
    app::{Download, Event, RecentFolders, State, Target, visible},
    cli::{self, Cli, Command, Share},
    config::Config,
    control::{OnlyOne, OnlyOneError},
    doctor, logging,
    paths::{self, Paths},
    runtime::{Desktop, Events, Outcome, Runtime, Surface},
    store,
    terminal::Terminal,
    tray,
    tunnel::{pins, tie},
};

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        None => start_tray(),
        Some(Command::Share(share)) => share_in_foreground(&share),
        Some(Command::Sidecar(command)) => sidecar::run(&command),
        Some(Command::Doctor(doctor)) => check(&doctor),
        Some(Command::GuardChild { program, arguments }) => {
            async_runtime().and_then(|tokio| Ok(tokio.block_on(tie::guard(program, arguments))?))
        }
    };
    match done {
        // Codes outside a byte come from Windows only, where no guard runs.
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Says on standard error what went wrong; a hostile file name in it can't steer the terminal.
fn complain(error: &anyhow::Error) {
    for line in format!("{error:#}").lines() {
        eprintln!("{}", visible(line));
    }
}

fn start_tray() -> anyhow::Result<i32> {
    let paths = Paths::of_this_user()?;
    paths.create()?;
    let only_one = match OnlyOne::try_become(&paths.lock_file()) {
        Ok(only_one) => only_one,
        Err(error @ OnlyOneError::RunsAlready(_)) => {
            println!("{error}");
            return Ok(0);
        }
        Err(error) => return Err(error.into()),
    };
    let config = prepare(&paths)?;
    let folders = store::load_recent(&paths.recent_file()).unwrap_or_else(paths::usual_folders);
    let state = State {
        recent: RecentFolders::new(folders),
        home: paths.home.clone(),
        download: pins::for_this_target().map(|pin| Download::offered(pin.size)),
        ..State::default()
    };
    Ok(tray::run(move || {
        let _only_one = only_one;
        let notifications = config.app.notifications;
        let outcome = run(state, config, paths, None, |events| {
            Surface::Desktop(Desktop::start(events, notifications))
        });
        match outcome {
            Ok(outcome) => exit_code(outcome),
            Err(error) => {
                complain(&error);
                1
            }
        }
    }))
}

fn share_in_foreground(share: &Share) -> anyhow::Result<i32> {
    let target = target(&share.paths)?;
    let paths = Paths::of_this_user()?;
    paths.create()?;
    let config = prepare(&paths)?;
    let state = State {
        ends_with_share: true,
        ..State::default()
    };
    let outcome = run(state, config, paths, Some(Event::Share(target)), |_| {
        Surface::Terminal(Terminal::default())
    })?;
    Ok(exit_code(outcome))
}

fn check(wanted: &cli::Doctor) -> anyhow::Result<i32> {
    let findings = async_runtime()?.block_on(doctor::examine());
    let report = if wanted.json {
        findings.json()
    } else {
        findings.text()
    };
    // A closed standard output is no reason to say nothing by the exit code.
    let _ = writeln!(std::io::stdout(), "{report}");
    Ok(i32::from(!findings.would_work()))
}

/// Log, settings, and the files that have to be there before anything starts.
fn prepare(paths: &Paths) -> anyhow::Result<Config> {
    if let Err(error) = logging::start(&paths.log_file()) {
        eprintln!(
            "Nothing will be logged: {} can't be written ({error}).",
            paths.log_file().display()
        );
    }
    let empty = paths.empty_tunnel_config();
    store::replace(&empty, b"").with_context(|| format!("{} can't be written", empty.display()))?;
    Ok(Config::load(&paths.config_file()).unwrap_or_else(|error| {
        tracing::warn!("{error}");
        eprintln!("{error}");
        Config::default()
    }))
}

/// Runs the program on this thread, which lives as long as the program does.
fn run(
    state: State,
    config: Config,
    paths: Paths,
    first: Option<Event>,
    surface: impl FnOnce(&Events) -> Surface,
) -> anyhow::Result<Outcome> {
    let tokio = async_runtime()?;
    let outcome = tokio.block_on(async {
        let runtime = Runtime::new(state, config, paths, surface);
        if let Some(event) = first {
            runtime.events().send(event);
        }
        runtime.run().await
    });
    // A thread that still waits for something outside must not hold up the end.
    tokio.shutdown_background();
    Ok(outcome)
}

fn async_runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime can't be started")
}

fn exit_code(outcome: Outcome) -> i32 {
    match outcome {
        Outcome::Done => 0,
        Outcome::Failed => 1,
        Outcome::LocalOnly => 3,
    }
}

/// What the command line names, as the file system has it.
fn target(named: &[PathBuf]) -> anyhow::Result<Target> {
    let mut found = Vec::with_capacity(named.len());
    for path in named {
        let real = path
            .canonicalize()
            .with_context(|| format!("{} can't be shared", path.display()))?;
        found.push(real);
    }
    let first = found.remove(0);
    Ok(if found.is_empty() && first.is_dir() {
        Target::Folder(first)
    } else {
        Target::Files {
            first,
            others: found,
        }
    })
}
