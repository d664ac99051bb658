//! A named pipe. Its default access list lets only this account, administrators and the system
//! write to it, and other computers are rejected.

use std::{
    ffi::OsString,
    io, mem,
    path::{Path, PathBuf},
    time::Duration,
};

use sha2::{Digest, Sha256};
use tokio::{
    net::windows::named_pipe::{ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions},
    time::sleep,
};

/// Windows' error code for a pipe whose instances are all in use.
const ERROR_PIPE_BUSY: i32 = 231;
/// Pause before a busy pipe is tried again.
const RETRY_INTERVAL: Duration = Duration::from_millis(10);

/// Where connections arrive.
#[derive(Debug)]
pub struct Listener {
    name: OsString,
    /// The instance of the pipe that waits for the next connection.
    next: NamedPipeServer,
}

/// A connection, seen from the running program.
pub type Incoming = NamedPipeServer;
/// A connection, seen from a command.
pub type Outgoing = NamedPipeClient;

impl Listener {
    /// Listens at `address`.
    ///
    /// # Errors
    /// Another program listens there already.
    pub fn bind(address: &Path) -> io::Result<Self> {
        let name = pipe_name(address);
        let next = ServerOptions::new()
            .first_pipe_instance(true)
            .reject_remote_clients(true)
            .create(&name)?;
        Ok(Self { name, next })
    }

    /// The next connection.
    ///
    /// # Errors
    /// What the system reports.
    pub async fn accept(&mut self) -> io::Result<Incoming> {
        self.next.connect().await?;
        let next = ServerOptions::new()
            .reject_remote_clients(true)
            .create(&self.name)?;
        Ok(mem::replace(&mut self.next, next))
    }
}

/// Connects to the program that listens at `address`.
///
/// # Errors
/// Nobody listens there.
pub async fn connect(address: &Path) -> io::Result<Outgoing> {
    let name = pipe_name(address);
    loop {
        match ClientOptions::new().open(&name) {
            // Another client has the pipe, and the next instance doesn't exist yet.
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY) => {
                sleep(RETRY_INTERVAL).await
            }
            done => return done,
        }
    }
}

/// Pipes have a namespace of their own; this name is as specific to the user as the path.
fn pipe_name(address: &Path) -> OsString {
    let address: PathBuf = address.components().collect();
    let digest = Sha256::digest(address.as_os_str().as_encoded_bytes());
    let digest: String = digest.iter().take(16).map(|b| format!("{b:02x}")).collect();
    format!(r"\\.\pipe\spot-serve-{digest}").into()
}
