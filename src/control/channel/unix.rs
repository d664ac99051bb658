//! A local socket, mode 0600 in a directory of mode 0700; who calls from another account is
//! refused all the same.

use std::{fs, io, os::unix::fs::PermissionsExt, path::Path};

use tokio::net::{UnixListener, UnixStream};

/// Where calls come in.
#[derive(Debug)]
pub struct Listener(UnixListener);

/// A conversation, seen from the running program.
pub type Incoming = UnixStream;
/// A conversation, seen from a command.
pub type Outgoing = UnixStream;

impl Listener {
    /// Listens at `address`; what a crash left there is replaced. Only the one program, which
    /// holds the lock, may do this.
    pub fn bind(address: &Path) -> io::Result<Self> {
        match fs::remove_file(address) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(address)?;
        fs::set_permissions(address, fs::Permissions::from_mode(0o600))?;
        Ok(Self(listener))
    }

    /// The next call of the same person; calls of others are dropped.
    pub async fn accept(&mut self) -> io::Result<Incoming> {
        loop {
            let (stream, _) = self.0.accept().await?;
            let caller = stream.peer_cred()?.uid();
            if caller == rustix::process::geteuid().as_raw() {
                return Ok(stream);
            }
            tracing::warn!(caller, "a call from another user is refused");
        }
    }
}

/// Calls the program that listens at `address`.
pub async fn connect(address: &Path) -> io::Result<Outgoing> {
    UnixStream::connect(address).await
}
