//! How the running program receives requests of commands.

use std::{io, path::Path, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    sync::mpsc,
    time::{sleep, timeout},
};

use super::{
    channel::{Incoming, Listener},
    message::{ControlReply, ControlRequest, Envelope, VERSION},
};

/// Longest request that is read, in bytes. Enough for a thousand long paths.
const REQUEST_MAX: u64 = 16 << 20;
/// How long a client may take to send its request.
const REQUEST_LIMIT: Duration = Duration::from_secs(5);
/// Pause after a connection that could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Where the replies to one request go. Dropping it closes the connection.
pub type Replies = mpsc::UnboundedSender<ControlReply>;

/// Passes requests that arrive at `address` to `handle` for as long as the program runs.
///
/// # Errors
/// The socket or pipe can't be created.
pub fn listen(
    address: &Path,
    handle: impl Fn(ControlRequest, Replies) + Clone + Send + 'static,
) -> io::Result<()> {
    let mut listener = Listener::bind(address)?;
    tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok(stream) => {
                    let handle = handle.clone();
                    tokio::spawn(async move {
                        if let Err(error) = serve(stream, handle).await {
                            tracing::info!(%error, "a command's connection broke");
                        }
                    });
                }
                // A temporary condition, such as no free file descriptors.
                Err(error) => {
                    tracing::warn!(%error, "can't accept a command's connection");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    });
    Ok(())
}

/// Reads the request of one client and sends the replies to it.
async fn serve(stream: Incoming, handle: impl Fn(ControlRequest, Replies)) -> io::Result<()> {
    let (reader, mut writer) = tokio::io::split(stream);
    let mut reader = BufReader::new(reader.take(REQUEST_MAX));
    let mut line = String::new();
    timeout(REQUEST_LIMIT, reader.read_line(&mut line)).await??;
    let (replies, mut outbox) = mpsc::unbounded_channel();
    match serde_json::from_str::<Envelope>(&line) {
        Ok(Envelope { version, request })
            if version == VERSION || request.is_version_independent() =>
        {
            tracing::info!(command = request.name(), "received a command");
            handle(request, replies);
        }
        _ => {
            let sentence = format!(
                "The running Spot Serve is version {VERSION}, and this command isn't. Run `spot-serve quit` (this ends all links), then start it again."
            );
            // The receiver is in scope, so sending can't fail.
            let _ = replies.send(ControlReply::Refused(sentence));
            drop(replies);
        }
    }
    let mut rest = [0; 1];
    loop {
        tokio::select! {
            reply = outbox.recv() => {
                let Some(reply) = reply else { return Ok(()) };
                let mut line = serde_json::to_vec(&reply)?;
                line.push(b'\n');
                writer.write_all(&line).await?;
                writer.flush().await?;
            }
            // Clients send nothing after the request, so this is the end of the connection.
            _ = reader.read(&mut rest) => return Ok(()),
        }
    }
}
