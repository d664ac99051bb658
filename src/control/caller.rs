//! How a command asks the running program.

use std::{io, path::Path, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines, ReadHalf},
    time::{Instant, sleep},
};

use super::{
    channel::{self, Outgoing},
    message::{Answer, Call, Request, VERSION},
    only_one::OnlyOne,
};

/// A program that has only just started needs a moment until it listens.
const START_LIMIT: Duration = Duration::from_secs(20);
/// One that holds the lock and does not listen by then won't: it neither starts nor ends.
const SILENCE_LIMIT: Duration = Duration::from_secs(5);
/// How often it is tried meanwhile.
const PACE: Duration = Duration::from_millis(20);

/// A conversation with the running program.
pub struct Caller {
    answers: Lines<BufReader<ReadHalf<Outgoing>>>,
    #[expect(dead_code, reason = "open for as long as answers are wanted")]
    requests: tokio::io::WriteHalf<Outgoing>,
}

/// The running program can't be talked to.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("Spot Serve is not running.")]
    NotRunning,
    /// It runs, with this process id if it could be read, and listens nowhere.
    #[error(
        "Spot Serve runs{}, but no command reaches it: its socket {address} is gone. End {} and start Spot Serve again.",
        .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default(),
        .pid.map_or("it".to_owned(), |pid| format!("process {pid}"))
    )]
    Unreachable { pid: Option<u32>, address: String },
    #[error("Spot Serve ended before it answered.")]
    Ended,
    #[error("Spot Serve can't be reached: {0}. Quit it and start it again.")]
    Broken(#[from] io::Error),
    #[error("Spot Serve's answer makes no sense: {0}. Quit it and start it again.")]
    Garbled(#[from] serde_json::Error),
    /// The running program said no, in its own words.
    #[error("{0}")]
    Refused(String),
    /// As before: what was named is not shared.
    #[error("{0}")]
    NotShared(String),
}

impl Caller {
    /// Asks the one that holds the lock at `lock` and listens at `address`.
    pub async fn ask_the_one(
        address: &Path,
        lock: &Path,
        request: Request,
    ) -> Result<Self, CallError> {
        let limit = Instant::now() + SILENCE_LIMIT;
        loop {
            match Self::ask(address, request.clone()).await {
                Err(CallError::NotRunning) => {}
                done => return done,
            }
            match OnlyOne::of_another(lock) {
                None => return Err(CallError::NotRunning),
                // It is about to listen, or to be gone.
                Some(_) if Instant::now() < limit => sleep(PACE).await,
                Some(pid) => {
                    return Err(CallError::Unreachable {
                        pid,
                        address: address.display().to_string(),
                    });
                }
            }
        }
    }

    /// Asks the program that listens at `address`.
    pub async fn ask(address: &Path, request: Request) -> Result<Self, CallError> {
        let stream = channel::connect(address).await.map_err(absent)?;
        let (reader, mut requests) = tokio::io::split(stream);
        let call = Call {
            version: VERSION.to_owned(),
            request,
        };
        let mut line = serde_json::to_vec(&call)?;
        line.push(b'\n');
        requests.write_all(&line).await?;
        requests.flush().await?;
        Ok(Self {
            answers: BufReader::new(reader).lines(),
            requests,
        })
    }

    /// The same, of a program that is just being started.
    pub async fn ask_soon(address: &Path, request: Request) -> Result<Self, CallError> {
        let limit = Instant::now() + START_LIMIT;
        loop {
            match Self::ask(address, request.clone()).await {
                Err(CallError::NotRunning) if Instant::now() < limit => sleep(PACE).await,
                done => return done,
            }
        }
    }

    /// The next answer; a refusal is an error.
    pub async fn answer(&mut self) -> Result<Answer, CallError> {
        let line = self.answers.next_line().await?.ok_or(CallError::Ended)?;
        match serde_json::from_str(&line)? {
            Answer::Refused(sentence) => Err(CallError::Refused(sentence)),
            Answer::NotShared(sentence) => Err(CallError::NotShared(sentence)),
            answer => Ok(answer),
        }
    }

    /// Waits until the program has ended the conversation.
    pub async fn until_end(mut self) {
        while let Ok(Some(_)) = self.answers.next_line().await {}
    }
}

fn absent(error: io::Error) -> CallError {
    match error.kind() {
        // The second is what a crash leaves: a socket that nobody listens at.
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => CallError::NotRunning,
        _ => CallError::Broken(error),
    }
}
