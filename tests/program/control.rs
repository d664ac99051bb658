//! The socket for commands belongs to one user alone.

use std::{
    fs::{self, Permissions},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use loopback_edge::needs;
use spot_serve::control::{ControlClient, ControlError, ControlReply, ControlRequest, server};

/// Somebody else's account.
const NOBODY: u32 = 65534;

/// Accepts and counts connections.
fn open(socket: &Path) -> Arc<AtomicU32> {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    server::listen(socket, move |_, answers| {
        counted.fetch_add(1, Ordering::SeqCst);
        let _ = answers.send(ControlReply::Shares(Vec::new()));
    })
    .unwrap();
    calls
}

#[tokio::test]
async fn the_same_user_is_answered() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket");
    // Files left by a crash are no obstacle.
    fs::write(&socket, "").unwrap();
    let calls = open(&socket);
    let mode = fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut client = ControlClient::ask(&socket, ControlRequest::List)
        .await
        .unwrap();
    assert_eq!(
        client.reply().await.unwrap(),
        ControlReply::Shares(Vec::new())
    );
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_connection_from_another_account_is_refused() {
    if !rustix::process::geteuid().is_root() {
        return needs::skip("root", "only root can use another account");
    }
    if !needs::met(&["python3"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket");
    let calls = open(&socket);
    // As if every other guard had failed.
    fs::set_permissions(dir.path(), Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(&socket, Permissions::from_mode(0o777)).unwrap();
    const CALL: &str = r#"
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
try:
    s.sendall(b'{"version":"%s","request":"list"}\n' % sys.argv[2].encode())
    sys.exit(len(s.recv(100)) and 9)
except (BrokenPipeError, ConnectionResetError):
    pass
"#;
    let path = socket.clone();
    let called = tokio::task::spawn_blocking(move || {
        Command::new("python3")
            .args(["-c", CALL])
            .arg(path)
            .arg(env!("CARGO_PKG_VERSION"))
            .uid(NOBODY)
            .gid(NOBODY)
            .current_dir("/")
            .status()
    });
    assert_eq!(called.await.unwrap().unwrap().code(), Some(0));
    assert_eq!(calls.load(Ordering::SeqCst), 0);
    ControlClient::ask(&socket, ControlRequest::List)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_socket_without_a_listener_means_that_the_program_is_not_running() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket");
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    for address in [&socket, &dir.path().join("none")] {
        let asked = ControlClient::ask(address, ControlRequest::List).await;
        assert!(matches!(asked, Err(ControlError::NotRunning)));
    }
}

#[tokio::test]
async fn garbage_and_other_versions_are_refused_in_words() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket");
    let calls = open(&socket);
    for line in [
        "{\n",
        "\0\u{1}\u{2}\n",
        "{\"version\":\"0.0.0\",\"request\":\"list\"}\n",
        "{\"version\":\"0.0.0\",\"request\":{\"share\":7}}\n",
    ] {
        let mut stream = tokio::net::UnixStream::connect(&socket).await.unwrap();
        stream.write_all(line.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let words = concat!(
            "The running Spot Serve is version ",
            env!("CARGO_PKG_VERSION"),
            ", and this command isn't. Run `spot-serve quit` (this ends all links), then start it again."
        );
        assert!(answer.contains(words), "{answer}");
    }
    assert_eq!(calls.load(Ordering::SeqCst), 0);
    // After an upgrade the command line has another version, and its "Quit" must still work.
    for line in [
        "{\"version\":\"0.0.0\",\"request\":\"quit\"}\n",
        "{\"version\":\"0.0.0\",\"request\":{\"stop\":\"all\"}}\n",
    ] {
        let mut stream = tokio::net::UnixStream::connect(&socket).await.unwrap();
        stream.write_all(line.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(!answer.contains("another one"), "{answer}");
    }
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}
