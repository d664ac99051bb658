//! A D-Bus message bus for a test alone.

use std::{process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

const LIMIT: Duration = Duration::from_secs(60);

/// Starts a bus, and returns its address. It ends when the process is dropped.
///
/// # Panics
/// It can't be started.
pub async fn start() -> (Child, String) {
    let mut daemon = Command::new("dbus-daemon")
        .args(["--session", "--nofork", "--print-address"])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("dbus-daemon starts");
    let said = daemon.stdout.take().expect("its output is piped");
    let mut lines = BufReader::new(said).lines();
    let address = timeout(LIMIT, lines.next_line()).await;
    let address = address.expect("it starts in time").expect("its output");
    (daemon, address.expect("it says its address"))
}
