//! The guard between the program and cloudflared on macOS, which lets nothing outlive the program
//! there. It works on every Unix system, so it is tested here: these are the library's own files,
//! with the macOS version of `child_lifetime`.
#![cfg(unix)]

#[allow(dead_code, unused_imports)]
#[path = "../src/process/child_lifetime/macos.rs"]
mod child_lifetime;
#[allow(dead_code)]
#[path = "../src/tunnel/cloudflared.rs"]
mod cloudflared;
#[allow(dead_code)]
#[path = "../src/process/child_lifetime/guard.rs"]
mod guard;
#[path = "../src/process/child_lifetime/guard_command.rs"]
mod guard_command;
#[path = "../src/tunnel/line.rs"]
mod line;
#[path = "../src/tunnel/log_throttle.rs"]
mod log_throttle;
#[path = "../src/tunnel/pattern.rs"]
mod pattern;
#[path = "../src/tunnel/redact.rs"]
mod redact;

mod process {
    pub(crate) use super::child_lifetime;

    pub mod own_program {
        /// The test program can't be a guard; the built program can.
        pub fn path() -> std::io::Result<std::path::PathBuf> {
            Ok(env!("CARGO_BIN_EXE_spot-serve").into())
        }
    }
}

mod machine {
    #[allow(dead_code)]
    #[derive(Debug, Clone, Copy)]
    pub struct RunnerId(pub u32);
}

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process};
use spot_serve::app;
use tokio::{
    process::Command,
    sync::mpsc,
    time::{sleep, timeout},
};

use self::{
    cloudflared::{Cloudflared, ProcessEvent},
    line::Line,
    machine::RunnerId,
    redact::Redactor,
};

/// Only limits a failing test.
const LIMIT: Duration = Duration::from_secs(30);

/// Prints its process id and ends with 7 when it may. Without its directory it ends, too.
const WAITS: &str = r#"echo $$ >"$1/new"; mv "$1/new" "$1/pid"
while [ -d "$1" ]; do
  if [ -e "$1/may-end" ]; then exit 7; fi
  sleep 0.05
done"#;

/// The same, but it only notes that it was asked to end.
fn takes_its_time() -> String {
    format!(r#"trap 'echo asked >>"$1/asked"' TERM; {WAITS}"#)
}

/// A shell that runs under a guard.
struct Guarded {
    process: Cloudflared,
    events: mpsc::Receiver<(RunnerId, ProcessEvent)>,
    dir: PathBuf,
}

impl Guarded {
    /// Starts a shell that runs `script`; `$1` is `dir`, followed by `more`.
    fn start(script: &str, dir: &Path, more: &[&str]) -> Self {
        let mut arguments: Vec<OsString> = ["-c", script, "sh"].map(OsString::from).into();
        arguments.push(dir.into());
        arguments.extend(more.iter().map(OsString::from));
        let path = env::var_os("PATH").map(|path| ("PATH".into(), path));
        let (sender, events) = mpsc::channel(64);
        let program = Path::new("/bin/sh");
        let process = Cloudflared::start(
            RunnerId(1),
            program,
            arguments,
            path.into_iter(),
            &Redactor::default(),
            sender,
        );
        Self {
            process: process.unwrap(),
            events,
            dir: dir.into(),
        }
    }

    async fn pid(&self) -> Pid {
        pid_in(&self.dir).await
    }

    /// How often it was asked to end.
    fn asked(&self) -> usize {
        fs::read_to_string(self.dir.join("asked")).map_or(0, |text| text.lines().count())
    }

    fn may_end(&self) {
        fs::write(self.dir.join("may-end"), "").unwrap();
    }

    /// What it printed, and how it ended.
    async fn end(&mut self) -> (Vec<Line>, Option<i32>) {
        let mut said = Vec::new();
        let end = timeout(LIMIT, async {
            loop {
                match self.events.recv().await.expect("its end is told").1 {
                    ProcessEvent::Said(line) => said.push(line),
                    ProcessEvent::Exited { code } => return code,
                    ProcessEvent::Visited { .. } => {}
                }
            }
        });
        let code = end.await.expect("it ends");
        (said, code)
    }
}

async fn pid_in(dir: &Path) -> Pid {
    let file = dir.join("pid");
    until("the guarded program is there", || file.exists()).await;
    let text = fs::read_to_string(file).unwrap();
    Pid::from_raw(text.trim().parse().unwrap()).unwrap()
}

async fn until_gone(pid: Pid) {
    until("the guarded program is gone", || {
        test_kill_process(pid).is_err()
    })
    .await;
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let so = timeout(LIMIT, async {
        while !is_so() {
            sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(so.await.is_ok(), "{what}: never");
}

#[tokio::test]
async fn it_lives_while_the_program_waits_for_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let mut guarded = Guarded::start(WAITS, dir.path(), &[]);
    guarded.pid().await;
    // Enough time for anything that would end it.
    sleep(Duration::from_millis(500)).await;
    guarded.may_end();
    assert_eq!(guarded.end().await.1, Some(7));
}

#[tokio::test]
async fn a_request_is_passed_on_and_may_take_any_time() {
    let dir = tempfile::tempdir().unwrap();
    let mut guarded = Guarded::start(&takes_its_time(), dir.path(), &[]);
    guarded.pid().await;
    for times in 1..=2 {
        guarded.process.terminate();
        until("it was asked", || guarded.asked() == times).await;
    }
    // The guard has no time limit of its own.
    sleep(Duration::from_millis(2500)).await;
    guarded.may_end();
    assert_eq!(guarded.end().await.1, Some(7));
}

#[tokio::test]
async fn a_kill_does_not_ask() {
    let dir = tempfile::tempdir().unwrap();
    let mut guarded = Guarded::start(&takes_its_time(), dir.path(), &[]);
    let pid = guarded.pid().await;
    guarded.process.kill();
    assert_eq!(guarded.end().await.1, None, "a signal ended it");
    assert!(
        test_kill_process(pid).is_err(),
        "it has ended when that is told"
    );
    assert_eq!(guarded.asked(), 0);
}

#[tokio::test]
async fn a_kill_ends_one_that_takes_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let mut guarded = Guarded::start(&takes_its_time(), dir.path(), &[]);
    let pid = guarded.pid().await;
    guarded.process.terminate();
    until("it was asked", || guarded.asked() == 1).await;
    guarded.process.kill();
    assert_eq!(guarded.end().await.1, None);
    assert!(
        test_kill_process(pid).is_err(),
        "it has ended when that is told"
    );
}

#[tokio::test]
async fn one_that_has_just_started_ends_as_well() {
    for order in [Cloudflared::kill, Cloudflared::terminate] {
        let dir = tempfile::tempdir().unwrap();
        let mut guarded = Guarded::start(WAITS, dir.path(), &[]);
        order(&guarded.process);
        assert_eq!(guarded.end().await.1, None);
    }
}

#[tokio::test]
async fn it_ends_when_nobody_can_stop_it_later() {
    let dir = tempfile::tempdir().unwrap();
    let guarded = Guarded::start(&takes_its_time(), dir.path(), &[]);
    let pid = guarded.pid().await;
    drop(guarded.process);
    until_gone(pid).await;
}

#[test]
fn it_ends_with_the_runtime() {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap()
    };
    let dir = tempfile::tempdir().unwrap();
    let first = runtime();
    let (pid, _guarded) = first.block_on(async {
        let guarded = Guarded::start(&takes_its_time(), dir.path(), &[]);
        (guarded.pid().await, guarded)
    });
    first.shutdown_background();
    runtime().block_on(until_gone(pid));
}

/// In the process that stands for the program: the directory of the guarded shell.
const GUARDS: &str = "SPOT_SERVE_TEST_GUARDS";

/// Ends a program that guards a shell, in `test`, which calls this, and expects the shell to end,
/// too.
async fn ends_with_a_program(test: &str, end: impl FnOnce(Pid)) {
    let deaf = format!("trap '' HUP INT TERM; {WAITS}");
    if let Some(dir) = env::var_os(GUARDS) {
        let _guarded = Guarded::start(&deaf, Path::new(&dir), &[]);
        return std::future::pending().await;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut program = Command::new(env::current_exe().unwrap())
        .args(["--exact", test])
        .env(GUARDS, dir.path())
        .stdout(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let pid = pid_in(dir.path()).await;
    end(Pid::from_raw(program.id().unwrap().try_into().unwrap()).unwrap());
    program.wait().await.unwrap();
    until_gone(pid).await;
}

#[tokio::test]
async fn it_ends_with_a_program_that_is_killed() {
    ends_with_a_program("it_ends_with_a_program_that_is_killed", |program| {
        kill_process(program, Signal::KILL).unwrap();
    })
    .await;
}

/// Ctrl-C reaches everything that was started from the terminal.
#[tokio::test]
async fn it_ends_with_a_program_that_is_ended_by_its_terminal() {
    ends_with_a_program(
        "it_ends_with_a_program_that_is_ended_by_its_terminal",
        |program| {
            kill_process_group(program, Signal::INT).unwrap();
        },
    )
    .await;
}

#[tokio::test]
async fn its_output_and_its_exit_code_are_passed_on() {
    let dir = tempfile::tempdir().unwrap();
    let script = r#"shift; echo "2026-11-22T10:00:00Z ERR $*"; exit 7"#;
    // Its arguments are its own, even those that look like ours.
    let arguments = ["--at-login", "--version", "--", "-x"];
    let (said, code) = Guarded::start(script, dir.path(), &arguments).end().await;
    assert_eq!(said, [Line::Error("--at-login --version -- -x".into())]);
    assert_eq!(code, Some(7));
}

#[tokio::test]
async fn an_end_by_a_signal_is_reported_as_such() {
    for signal in ["KILL", "TERM"] {
        let dir = tempfile::tempdir().unwrap();
        let script = format!("kill -s {signal} $$");
        let mut guarded = Guarded::start(&script, dir.path(), &[]);
        assert_eq!(guarded.end().await.1, None);
    }
}
