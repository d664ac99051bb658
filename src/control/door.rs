//! Where the running program takes requests of commands.

use std::{io, path::Path, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    sync::mpsc,
    time::timeout,
};

use super::{
    channel::{Incoming, Listener},
    message::{Answer, Call, Request, VERSION},
};

/// A request is one line; a longer one is none of ours. Room for a thousand long paths.
const LONGEST_REQUEST: u64 = 16 << 20;

/// A caller that says nothing for this long has nothing to say.
const REQUEST_LIMIT: Duration = Duration::from_secs(5);

/// The answers to one request. When it is dropped the conversation ends.
pub type Answers = mpsc::UnboundedSender<Answer>;

/// Takes requests at `address` for as long as the program runs.
pub fn open(
    address: &Path,
    handle: impl Fn(Request, Answers) + Clone + Send + 'static,
) -> io::Result<()> {
    let mut listener = Listener::bind(address)?;
    tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok(call) => {
                    let handle = handle.clone();
                    tokio::spawn(async move {
                        if let Err(error) = converse(call, handle).await {
                            tracing::info!(%error, "a command's conversation broke off");
                        }
                    });
                }
                // Out of file descriptors, and the like: it passes.
                Err(error) => {
                    tracing::warn!(%error, "a command could not be heard");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    });
    Ok(())
}

async fn converse(stream: Incoming, handle: impl Fn(Request, Answers)) -> io::Result<()> {
    let (reader, mut writer) = tokio::io::split(stream);
    let mut reader = BufReader::new(reader.take(LONGEST_REQUEST));
    let mut line = String::new();
    timeout(REQUEST_LIMIT, reader.read_line(&mut line)).await??;
    let (answers, mut inbox) = mpsc::unbounded_channel();
    match serde_json::from_str::<Call>(&line) {
        Ok(call) if call.version == VERSION || call.request.is_the_same_in_all_versions() => {
            tracing::info!(request = ?call.request, "a command asks");
            handle(call.request, answers);
        }
        _ => {
            let sentence = format!(
                "The Spot Serve that runs is version {VERSION}, another one than this. Quit it and start it again."
            );
            // The receiver is right here.
            let _ = answers.send(Answer::Refused(sentence));
            drop(answers);
        }
    }
    let mut rest = [0; 1];
    loop {
        tokio::select! {
            answer = inbox.recv() => {
                let Some(answer) = answer else { return Ok(()) };
                let mut line = serde_json::to_vec(&answer)?;
                line.push(b'\n');
                writer.write_all(&line).await?;
                writer.flush().await?;
            }
            // A caller says nothing more: this is its end.
            _ = reader.read(&mut rest) => return Ok(()),
        }
    }
}
