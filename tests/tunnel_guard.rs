//! The guard that stands between the program and cloudflared on macOS, by which nothing outlives
//! the program there. It is the same on every unix system, so it is tested on this one.
#![cfg(unix)]

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

const LIMIT: Duration = Duration::from_secs(60);

/// Starts a guard over a shell that runs `script`, which writes its process id to `$1` when it is
/// ready; gives the guard, and that id.
fn guarded(script: &str) -> (Child, Pid) {
    let dir = tempfile::tempdir().unwrap();
    let ready = dir.path().join("pid");
    let guard = Command::new(env!("CARGO_BIN_EXE_spot-serve"))
        .args(["guard-child", "/bin/sh", "-c", script, "sh"])
        .arg(&ready)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    (guard, pid_in(&ready))
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < LIMIT, "{what} never came true");
        sleep(Duration::from_millis(10));
    }
}

fn pid_in(file: &Path) -> Pid {
    let mut pid = None;
    until("the guarded program is ready", || {
        pid = fs::read_to_string(file)
            .ok()
            .and_then(|text| text.strip_suffix('\n')?.parse().ok())
            .and_then(Pid::from_raw);
        pid.is_some()
    });
    pid.unwrap()
}

fn until_gone(pid: Pid) {
    until("the guarded program is gone", || {
        test_kill_process(pid).is_err()
    });
}

const WAITS: &str = r#"echo $$ >"$1"; while :; do sleep 0.1; done"#;

#[test]
fn it_ends_with_the_input_of_its_guard() {
    let (mut guard, pid) = guarded(WAITS);
    drop(guard.stdin.take());
    until_gone(pid);
    // 128 and SIGTERM: it was asked to end.
    assert_eq!(guard.wait().unwrap().code(), Some(143));
}

#[test]
fn it_ends_with_a_program_that_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let ready = dir.path().join("pid");
    // This shell stands for the program: it holds the guard's input open, and nobody else does.
    let mut program = Command::new("/bin/sh")
        .args([
            "-c",
            r#"mkfifo "$1.in"; "$2" guard-child /bin/sh -c "$3" sh "$1" <"$1.in" & exec 9>"$1.in"; echo up; read -r never"#,
            "sh",
        ])
        .arg(&ready)
        .args([env!("CARGO_BIN_EXE_spot-serve"), WAITS])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = pid_in(&ready);
    program.kill().unwrap();
    program.wait().unwrap();
    until_gone(pid);
}

#[test]
fn one_that_does_not_listen_is_killed() {
    let deaf = format!("trap '' TERM; {WAITS}");
    let (mut guard, pid) = guarded(&deaf);
    drop(guard.stdin.take());
    until_gone(pid);
    assert_eq!(guard.wait().unwrap().code(), Some(137));
}

#[test]
fn a_guard_that_is_asked_to_end_takes_it_along() {
    let (mut guard, pid) = guarded(WAITS);
    let guard_pid = Pid::from_raw(guard.id().try_into().unwrap()).unwrap();
    kill_process(guard_pid, Signal::TERM).unwrap();
    until_gone(pid);
    guard.wait().unwrap();
}

#[test]
fn how_it_ended_is_told() {
    let mut guard = Command::new(env!("CARGO_BIN_EXE_spot-serve"))
        // Its arguments are its own, also those that look like ours.
        .args(["guard-child", "/bin/sh", "-c", "echo \"$@\"; exit 7", "sh"])
        .args(["--at-login", "--version", "--", "-x"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Its input stays open.
    let _input = guard.stdin.take();
    let done = guard.wait_with_output().unwrap();
    assert_eq!(
        String::from_utf8(done.stdout).unwrap(),
        "--at-login --version -- -x\n"
    );
    assert_eq!(done.status.code(), Some(7));
}
