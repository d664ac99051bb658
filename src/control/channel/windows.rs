//! A named pipe. The access list that Windows gives it by default lets only this person's
//! account, administrators and the system write to it; and only this computer reaches it.

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

/// What Windows says of a pipe that is taken.
const ERROR_PIPE_BUSY: i32 = 231;
/// How often a taken pipe is tried again.
const PACE: Duration = Duration::from_millis(10);

/// Where calls come in.
#[derive(Debug)]
pub struct Listener {
    name: OsString,
    /// The pipe that waits for the next call.
    next: NamedPipeServer,
}

/// A conversation, seen from the running program.
pub type Incoming = NamedPipeServer;
/// A conversation, seen from a command.
pub type Outgoing = NamedPipeClient;

impl Listener {
    /// Listens at `address`; fails where a program listens there already.
    pub fn bind(address: &Path) -> io::Result<Self> {
        let name = name(address);
        let next = ServerOptions::new()
            .first_pipe_instance(true)
            .reject_remote_clients(true)
            .create(&name)?;
        Ok(Self { name, next })
    }

    /// The next call.
    pub async fn accept(&mut self) -> io::Result<Incoming> {
        self.next.connect().await?;
        let next = ServerOptions::new()
            .reject_remote_clients(true)
            .create(&self.name)?;
        Ok(mem::replace(&mut self.next, next))
    }
}

/// Calls the program that listens at `address`.
pub async fn connect(address: &Path) -> io::Result<Outgoing> {
    let name = name(address);
    loop {
        match ClientOptions::new().open(&name) {
            // Another call has the pipe, and the next one is not there yet.
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY) => sleep(PACE).await,
            done => return done,
        }
    }
}

/// Pipes have names of their own; this one is as much the person's own as the path is.
fn name(address: &Path) -> OsString {
    let address: PathBuf = address.components().collect();
    let digest = Sha256::digest(address.as_os_str().as_encoded_bytes());
    let digest: String = digest.iter().take(16).map(|b| format!("{b:02x}")).collect();
    format!(r"\\.\pipe\spot-serve-{digest}").into()
}
