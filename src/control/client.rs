//! How a command sends a request to the running program.

use std::{io, path::Path, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines, ReadHalf, WriteHalf},
    time::{Instant, sleep},
};

use super::{
    channel::{self, Outgoing},
    instance_lock::InstanceLock,
    message::{ControlReply, ControlRequest, Envelope, VERSION},
};

/// How long a program that was just started may take until it listens.
const START_LIMIT: Duration = Duration::from_secs(20);
/// How long a program that holds the lock may take until it listens, or until it is gone.
const SILENCE_LIMIT: Duration = Duration::from_secs(5);
/// Pause between attempts.
const RETRY_INTERVAL: Duration = Duration::from_millis(20);

/// A connection to the running program.
pub struct ControlClient {
    replies: Lines<BufReader<ReadHalf<Outgoing>>>,
    #[expect(dead_code, reason = "stays open for as long as replies are wanted")]
    requests: WriteHalf<Outgoing>,
}

/// A request to the running program failed.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Nobody listens. What a terminal shares on its own doesn't count.
    #[error(
        "The tray app is not running, and this command is for what it shares. A share that runs in a terminal can't be changed: press Ctrl-C there to stop it."
    )]
    NotRunning,
    /// It was started a while ago, and still nobody listens.
    #[error(
        "Spot Serve didn't start in time. Run `spot-serve doctor`, or share from this terminal with --foreground."
    )]
    NotStarted,
    /// It is running, with this process id if known, but does not listen.
    #[error(
        "Spot Serve is running{}, but its socket {address} is gone, so it can't receive commands. End {} and start Spot Serve again.",
        .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default(),
        .pid.map_or("it".to_owned(), |pid| format!("process {pid}"))
    )]
    Unreachable { pid: Option<u32>, address: String },
    #[error("Spot Serve quit before it replied. Start it again; the log may say why.")]
    Ended,
    /// The share ended while its settings were being changed.
    #[error("The share ended before the change took effect. Share it again with these options.")]
    ShareEnded,
    #[error("Can't talk to Spot Serve: {0}. Quit it and start it again.")]
    Broken(#[from] io::Error),
    #[error("Spot Serve sent an invalid reply: {0}. Quit it and start it again.")]
    Garbled(#[from] serde_json::Error),
    /// The running program refused the request, in its own words.
    #[error("{0}")]
    Refused(String),
    /// The named share does not exist, in the running program's own words.
    #[error("{0}")]
    NotShared(String),
}

impl ControlClient {
    /// Sends a request to the program that holds the lock at `lock` and listens at `address`.
    ///
    /// # Errors
    /// [`ControlError::NotRunning`] if nobody holds the lock, [`ControlError::Unreachable`] if its
    /// holder doesn't listen.
    pub async fn ask_running(
        address: &Path,
        lock: &Path,
        request: ControlRequest,
    ) -> Result<Self, ControlError> {
        let deadline = Instant::now() + SILENCE_LIMIT;
        loop {
            match Self::ask(address, request.clone()).await {
                Err(ControlError::NotRunning) => {}
                result => return result,
            }
            match InstanceLock::held_by_another(lock) {
                None => return Err(ControlError::NotRunning),
                // It is either starting or ending.
                Some(_) if Instant::now() < deadline => sleep(RETRY_INTERVAL).await,
                Some(pid) => {
                    return Err(ControlError::Unreachable {
                        pid,
                        address: address.display().to_string(),
                    });
                }
            }
        }
    }

    /// Sends a request to the program that listens at `address`.
    ///
    /// # Errors
    /// [`ControlError::NotRunning`] if nobody listens.
    pub async fn ask(address: &Path, request: ControlRequest) -> Result<Self, ControlError> {
        let stream = channel::connect(address).await.map_err(connect_error)?;
        let (reader, mut requests) = tokio::io::split(stream);
        let envelope = Envelope {
            version: VERSION.to_owned(),
            request,
        };
        let mut line = serde_json::to_vec(&envelope)?;
        line.push(b'\n');
        requests.write_all(&line).await?;
        requests.flush().await?;
        Ok(Self {
            replies: BufReader::new(reader).lines(),
            requests,
        })
    }

    /// Like [`Self::ask`], for a program that is just starting.
    ///
    /// # Errors
    /// [`ControlError::NotStarted`] if it doesn't listen in time.
    pub async fn ask_starting(
        address: &Path,
        request: ControlRequest,
    ) -> Result<Self, ControlError> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            match Self::ask(address, request.clone()).await {
                Err(ControlError::NotRunning) if Instant::now() < deadline => {
                    sleep(RETRY_INTERVAL).await;
                }
                Err(ControlError::NotRunning) => return Err(ControlError::NotStarted),
                result => return result,
            }
        }
    }

    /// Waits for the next reply.
    ///
    /// # Errors
    /// A refusal is an error, as is a connection that ends.
    pub async fn reply(&mut self) -> Result<ControlReply, ControlError> {
        let line = self.replies.next_line().await?.ok_or(ControlError::Ended)?;
        match serde_json::from_str(&line)? {
            ControlReply::Refused(sentence) => Err(ControlError::Refused(sentence)),
            ControlReply::NotShared(sentence) => Err(ControlError::NotShared(sentence)),
            reply => Ok(reply),
        }
    }

    /// Waits until the program closes the connection.
    pub async fn until_end(mut self) {
        while let Ok(Some(_)) = self.replies.next_line().await {}
    }
}

fn connect_error(error: io::Error) -> ControlError {
    match error.kind() {
        // A crash leaves a socket that refuses connections.
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => ControlError::NotRunning,
        _ => ControlError::Broken(error),
    }
}
