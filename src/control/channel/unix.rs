//! A local socket with mode 0600 in a directory with mode 0700. Connections from other accounts are
//! refused on top of that.

use std::{fs, io, os::unix::fs::PermissionsExt, path::Path};

use tokio::net::{UnixListener, UnixStream};

/// Where connections arrive.
#[derive(Debug)]
pub struct Listener(UnixListener);

/// A connection, seen from the running program.
pub type Incoming = UnixStream;
/// A connection, seen from a command.
pub type Outgoing = UnixStream;

impl Listener {
    /// Listens at `address`, replacing what a crash left there. Only the program that holds the
    /// instance lock may do this.
    ///
    /// # Errors
    /// The socket can't be created.
    pub fn bind(address: &Path) -> io::Result<Self> {
        match fs::remove_file(address) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(address)?;
        fs::set_permissions(address, fs::Permissions::from_mode(0o600))?;
        Ok(Self(listener))
    }

    /// The next connection from the same account. Others are dropped.
    ///
    /// # Errors
    /// What the system reports, such as too many open files.
    pub async fn accept(&mut self) -> io::Result<Incoming> {
        loop {
            let (stream, _) = self.0.accept().await?;
            let uid = stream.peer_cred()?.uid();
            if uid == rustix::process::geteuid().as_raw() {
                return Ok(stream);
            }
            tracing::warn!(uid, "refused a connection from another user");
        }
    }
}

/// Connects to the program that listens at `address`.
///
/// # Errors
/// Nobody listens there.
pub async fn connect(address: &Path) -> io::Result<Outgoing> {
    UnixStream::connect(address).await
}
