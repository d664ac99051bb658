//! Reads the command line and starts what it asks for.
#![cfg_attr(windows, windows_subsystem = "windows")]

mod remote;
mod sidecar;

use std::{ffi::OsString, io::Write, process::ExitCode};

use anyhow::{Context, anyhow};
use clap::Parser;
use spot_serve::{
    app::{Download, Event, RecentFolders, State, Target},
    cli::{Cli, Command, Json, Share},
    config::Config,
    console,
    control::{OnlyOne, OnlyOneError},
    doctor, logging,
    paths::{self, Paths},
    runtime::{Desktop, Events, Outcome, Runtime, Surface},
    sensitive, store, target,
    terminal::Terminal,
    tray,
    tunnel::{pins, tie},
};

fn main() -> ExitCode {
    console::join();
    let cli = Cli::parse();
    let done = match cli.command {
        None => start_tray(cli.at_login),
        Some(Command::Share(wanted)) => share(&wanted),
        Some(Command::Pick) => with_paths(remote::pick),
        Some(Command::List(wanted)) => with_paths(|paths| remote::list(paths, &wanted)),
        Some(Command::Stop(wanted)) => with_paths(|paths| remote::stop(paths, &wanted)),
        Some(Command::Quit) => with_paths(remote::quit),
        Some(Command::Doctor(wanted)) => check(&wanted),
        Some(Command::Config) => show_settings(),
        Some(Command::Sidecar(command)) => sidecar::run(&command),
        Some(Command::GuardChild { program, arguments }) => guard(program, arguments),
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

fn guard(program: OsString, arguments: Vec<OsString>) -> anyhow::Result<i32> {
    let tokio = async_runtime()?;
    let code = tokio.block_on(tie::guard(program, arguments));
    // A thread still waits for the end of standard input, which the program keeps open.
    tokio.shutdown_background();
    Ok(code?)
}

fn with_paths(run: impl FnOnce(&Paths) -> anyhow::Result<i32>) -> anyhow::Result<i32> {
    let paths = Paths::of_this_user()?;
    paths.create()?;
    run(&paths)
}

/// Says on standard error what went wrong; a hostile file name in it can't steer the terminal.
fn complain(error: &anyhow::Error) {
    let words = with_causes(error);
    console::say(&words);
    console::show_where_nothing_is_read(&words);
}

/// The error, and those behind it whose words are not in it already.
fn with_causes(error: &anyhow::Error) -> String {
    let mut said = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

fn start_tray(at_login: bool) -> anyhow::Result<i32> {
    let paths = Paths::of_this_user()?;
    paths.create()?;
    let only_one = match OnlyOne::try_become(&paths.lock_file()) {
        Ok(only_one) => only_one,
        Err(error @ OnlyOneError::RunsAlready(_)) => {
            console::print(&error.to_string());
            if !at_login {
                console::show_where_nothing_is_read(&error.to_string());
            }
            return Ok(0);
        }
        Err(error) => return Err(error.into()),
    };
    let (config, mistake) = prepare(&paths)?;
    let folders = store::load_recent(&paths.recent_file()).unwrap_or_else(paths::usual_folders);
    let state = State {
        recent: RecentFolders::new(folders),
        home: paths.home.clone(),
        download: pins::for_this_target().map(|pin| Download::offered(pin.size)),
        ..State::default()
    };
    console::leave();
    Ok(tray::run(move || {
        let _only_one = only_one;
        let notifications = config.app.notifications;
        let outcome = run(
            state,
            config,
            paths,
            |runtime| {
                if let Some(mistake) = mistake {
                    runtime.events().send(Event::DidNotWork(mistake));
                }
                runtime.answer_commands();
                runtime.look_for_tray_host(at_login);
                runtime.end_with_session();
            },
            |events| Surface::Desktop(Desktop::start(events, notifications)),
        );
        match outcome {
            Ok(outcome) => exit_code(outcome),
            Err(error) => {
                complain(&error);
                1
            }
        }
    }))
}

fn share(wanted: &Share) -> anyhow::Result<i32> {
    let target = target::named(&wanted.paths)?;
    let paths = Paths::of_this_user()?;
    paths.create()?;
    if !wanted.foreground
        && let Some(code) = remote::share(&paths, &target, wanted)?
    {
        return Ok(code);
    }
    if !wanted.yes {
        refuse_private(&target, &paths)?;
    }
    share_in_foreground(target, paths)
}

/// Private things are shared after a yes only. A program that runs sees to that itself, by the
/// settings that it has; this is for where none runs.
fn refuse_private(target: &Target, paths: &Paths) -> anyhow::Result<()> {
    // Settings that can't be read may say that hidden files are served.
    let hidden = Config::load(&paths.config_file()).map_or(true, |config| config.server.hidden);
    match sensitive::find(target, paths.home.as_deref(), hidden) {
        Some(private) => Err(say_yes(&private.sentence())),
        None => Ok(()),
    }
}

/// What is said of private things where nobody has said yes; `sentence` names them.
fn say_yes(sentence: &str) -> anyhow::Error {
    anyhow!("{sentence} To share it anyway, add --yes.")
}

fn share_in_foreground(target: Target, paths: Paths) -> anyhow::Result<i32> {
    let (config, _) = prepare(&paths)?;
    let state = State {
        ends_with_share: true,
        ..State::default()
    };
    let outcome = run(
        state,
        config,
        paths,
        |runtime| {
            runtime.events().send(Event::ShareAnyway(target));
        },
        |_| Surface::Terminal(Terminal::default()),
    )?;
    Ok(exit_code(outcome))
}

fn check(wanted: &Json) -> anyhow::Result<i32> {
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

/// Where the settings are, and what is in effect; a secret is not shown.
fn show_settings() -> anyhow::Result<i32> {
    let paths = Paths::of_this_user()?;
    let file = paths.config_file();
    let note = match file.exists() {
        true => "",
        false => " (not there; these are the defaults)",
    };
    let text = Config::load(&file)?.shown()?;
    // A closed standard output is no failure of ours.
    let _ = write!(std::io::stdout(), "# {}{note}\n{text}", file.display());
    Ok(0)
}

/// Log, settings, and the files that have to be there before anything starts; also what is wrong
/// with the settings, where somebody may not see standard error.
fn prepare(paths: &Paths) -> anyhow::Result<(Config, Option<String>)> {
    if let Err(error) = logging::start(&paths.log_file()) {
        console::say(&format!(
            "Nothing will be logged: {} can't be written ({error}).",
            paths.log_file().display()
        ));
    }
    let empty = paths.empty_tunnel_config();
    store::keep_empty(&empty).with_context(|| format!("{} can't be written", empty.display()))?;
    Ok(match Config::load(&paths.config_file()) {
        Ok(config) => (config, None),
        Err(error) => {
            tracing::warn!("{error}");
            let mistake = format!("{error}\nUntil it is mended, Spot Serve uses its defaults.");
            console::say(&mistake);
            (Config::default(), Some(mistake))
        }
    })
}

/// Runs the program on this thread, which lives as long as the program does.
fn run(
    state: State,
    config: Config,
    paths: Paths,
    begin: impl FnOnce(&Runtime),
    surface: impl FnOnce(&Events) -> Surface,
) -> anyhow::Result<Outcome> {
    let tokio = async_runtime()?;
    let outcome = tokio.block_on(async {
        let runtime = Runtime::new(state, config, paths, surface);
        begin(&runtime);
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
