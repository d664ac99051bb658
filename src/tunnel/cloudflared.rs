//! One running cloudflared process: starts it, reads its output, and ends it.

use std::{collections::BTreeSet, ffi::OsString, io, path::Path, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::Child,
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use super::{
    line::{self, Line},
    log_throttle::LogThrottle,
    machine::RunnerId,
    redact::Redactor,
};
use crate::{
    app::visible,
    process::child_lifetime::{self, ChildLifetime},
};

/// How much of an output line is read, in bytes. The URL a visitor asks for can make a line as
/// long as a request line may be.
const MAX_LINE_BYTES: usize = 4096;

/// How long to wait for the rest of the output after the process has ended.
const DRAIN_AFTER_EXIT: Duration = Duration::from_millis(500);

/// What happens to a running cloudflared.
#[derive(Debug)]
pub enum ProcessEvent {
    Said(Line),
    /// How many requests have come through it, if that is known.
    Visited {
        count: Option<u64>,
        was_probed: bool,
    },
    /// It has ended; the code is `None` if a signal ended it. This is the last event.
    Exited {
        code: Option<i32>,
    },
}

/// A running cloudflared. Dropping this kills it.
pub struct Cloudflared {
    end_requests: mpsc::UnboundedSender<EndRequest>,
}

enum EndRequest {
    Terminate,
    Kill,
}

impl Cloudflared {
    /// Starts `program` and sends what happens to `events`.
    ///
    /// On Linux cloudflared dies with the thread that starts it, so call this on a thread that
    /// lives as long as the program.
    ///
    /// # Errors
    /// The program can't be started.
    pub fn start(
        id: RunnerId,
        program: &Path,
        arguments: Vec<OsString>,
        environment: impl Iterator<Item = (OsString, OsString)>,
        redactor: &Redactor,
        events: mpsc::Sender<(RunnerId, ProcessEvent)>,
    ) -> io::Result<Self> {
        let mut command = child_lifetime::command(program)?;
        command
            .args(arguments)
            .env_clear()
            .envs(environment)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let lifetime = ChildLifetime::bind(&mut child)?;
        tracing::info!(pid = child.id(), program = %program.display(), "cloudflared started");
        let readers = [
            child
                .stdout
                .take()
                .map(|pipe| listen(id, pipe, redactor.clone(), events.clone())),
            child
                .stderr
                .take()
                .map(|pipe| listen(id, pipe, redactor.clone(), events.clone())),
        ];
        let (end_requests, inbox) = mpsc::unbounded_channel();
        tokio::spawn(attend(id, child, lifetime, readers, inbox, events));
        Ok(Self { end_requests })
    }

    /// Asks it to end within its grace period.
    pub fn terminate(&self) {
        // An error means that it has already ended.
        let _ = self.end_requests.send(EndRequest::Terminate);
    }

    /// Kills it.
    pub fn kill(&self) {
        let _ = self.end_requests.send(EndRequest::Kill);
    }
}

async fn attend(
    id: RunnerId,
    mut child: Child,
    mut lifetime: ChildLifetime,
    readers: [Option<JoinHandle<()>>; 2],
    mut end_requests: mpsc::UnboundedReceiver<EndRequest>,
    events: mpsc::Sender<(RunnerId, ProcessEvent)>,
) {
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            request = end_requests.recv() => {
                let done = match request {
                    Some(EndRequest::Terminate) => child_lifetime::terminate(&mut child),
                    // The handle was dropped: nobody could end it later.
                    Some(EndRequest::Kill) | None => lifetime.kill(&mut child),
                };
                if let Err(error) = done {
                    tracing::warn!(%error, "can't end cloudflared");
                }
                if request.is_none() {
                    break child.wait().await;
                }
            }
        }
    };
    for reader in readers.into_iter().flatten() {
        // A grandchild may keep the pipe open forever. Its output no longer matters.
        if timeout(DRAIN_AFTER_EXIT, reader).await.is_err() {
            tracing::info!("cloudflared has ended, but its output is still open");
        }
    }
    let code = match status {
        Ok(status) => child_lifetime::exit_code(status),
        Err(error) => {
            tracing::warn!(%error, "can't wait for cloudflared to end");
            None
        }
    };
    tracing::info!(?code, "cloudflared ended");
    // An error means that the tunnel was dropped.
    let _ = events.send((id, ProcessEvent::Exited { code })).await;
}

/// Reads a pipe to its end: cloudflared hangs if its output is not read, and dies if the pipe is
/// closed.
fn listen(
    id: RunnerId,
    pipe: impl AsyncRead + Unpin + Send + 'static,
    redactor: Redactor,
    events: mpsc::Sender<(RunnerId, ProcessEvent)>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut reader = BufReader::with_capacity(16 * 1024, pipe);
        let mut line = Vec::new();
        let mut throttle = LogThrottle::default();
        let mut connections = Connections::default();
        while read_line(&mut reader, &mut line).await {
            let now = throttle.take_line(Instant::now());
            if let Some(left_out) = now.left_out {
                tracing::warn!(target: "cloudflared", lines = left_out, "left out lines");
            }
            let text = String::from_utf8_lossy(&line);
            if now.is_logged {
                tracing::info!(target: "cloudflared", "{}", redactor.redact(&visible(&text)));
            }
            if let Some(line) = line::parse(&text)
                && (connections.are_changed_by(&line) || now.is_logged || line.is_rare())
                // Problems quote what it says. That is redacted while it is still quoted as
                // cloudflared wrote it: only then does it show where a URL ends.
                && let Some(line) = line::parse(&redactor.redact(&text))
            {
                // An error means that nobody listens any more. The pipe must be read all the same.
                let _ = events.send((id, ProcessEvent::Said(line))).await;
            }
            if let Some(pause) = now.pause {
                sleep(pause).await;
            }
        }
    })
}

/// The registered connections. A line that says one is lost must be handled even while most lines
/// are left out: visitors of a site that is down can make cloudflared write without end.
#[derive(Debug, Default)]
struct Connections(BTreeSet<u8>);

impl Connections {
    fn are_changed_by(&mut self, line: &Line) -> bool {
        match line {
            Line::Registered { index, .. } => self.0.insert(*index),
            Line::Lost { index, .. } => self.0.remove(index),
            _ => false,
        }
    }
}

/// Reads the next line into `line`, without its line break and cut to [`MAX_LINE_BYTES`]. False at
/// the end of the output.
async fn read_line(reader: &mut (impl AsyncBufReadExt + Unpin), line: &mut Vec<u8>) -> bool {
    line.clear();
    loop {
        let chunk = match reader.fill_buf().await {
            Ok([]) | Err(_) => return !line.is_empty(),
            Ok(chunk) => chunk,
        };
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let part = &chunk[..end.unwrap_or(chunk.len())];
        let room = MAX_LINE_BYTES.saturating_sub(line.len());
        line.extend_from_slice(&part[..part.len().min(room)]);
        let used = end.map_or(chunk.len(), |end| end + 1);
        reader.consume(used);
        if end.is_some() {
            return true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All lines that matter in this output.
    async fn heard(text: String) -> Vec<Line> {
        let (sender, mut events) = mpsc::channel(64);
        let pipe = std::io::Cursor::new(text.into_bytes());
        listen(RunnerId(1), pipe, Redactor::default(), sender);
        let mut lines = Vec::new();
        while let Some((_, ProcessEvent::Said(line))) = events.recv().await {
            lines.push(line);
        }
        lines
    }

    #[tokio::test]
    async fn a_lost_connection_is_noticed_while_lines_are_left_out() {
        let complaint = "2026-11-22T10:00:00Z ERR Request failed error=\"x\"\n";
        let lost = "2026-11-22T10:00:01Z ERR Serve tunnel error error=\"y\" connIndex=0\n";
        let registered =
            "2026-11-22T10:00:00Z INF Registered tunnel connection connIndex=0 protocol=quic\n";
        let text = format!(
            "{registered}{}{lost}{lost}{}",
            complaint.repeat(1500),
            complaint.repeat(100)
        );
        let lines = heard(text).await;
        let is_lost = |line: &&Line| matches!(line, Line::Lost { .. });
        assert_eq!(lines.iter().filter(is_lost).count(), 1, "once");
        assert!(lines.len() < 600, "{} lines", lines.len());
    }

    #[tokio::test]
    async fn what_problems_quote_holds_neither_links_nor_paths() {
        let lines = heard(
            r#"2026-11-28T20:08:54Z ERR Request failed error="x" connIndex=0 dest=https://quiet-river.trycloudflare.com/diary.txt event=0 ip=127.0.0.1 type=http
2026-11-28T20:08:54Z ERR Serve tunnel error error="parse \"https://quiet-river.trycloudflare.com/my\\\"diary.txt\": invalid URL escape" connIndex=3
failed to get tunnel https://quiet-river.trycloudflare.com/a)diary.txt
"#
            .into(),
        );
        let lines = lines.await;
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(matches!(lines[1], Line::Lost { index: 3, .. }), "{lines:?}");
        let said = format!("{lines:?}");
        assert!(
            !said.contains("quiet-river") && !said.contains("diary"),
            "{said}"
        );
    }

    #[tokio::test]
    async fn garbage_means_nothing() {
        let mut text = vec![0xff, 0xfe, b'\n', 0, b'\r', b'\n'];
        text.extend_from_slice(b"2026-11-22T10:00:00Z INF Registered tunnel connection \xff\xff\n");
        text.extend_from_slice(b"2026-11-22T10:00:00Z INF Starting metrics server on \xf0\x9f\n");
        let (sender, mut events) = mpsc::channel(64);
        listen(
            RunnerId(1),
            std::io::Cursor::new(text),
            Redactor::default(),
            sender,
        );
        while let Some((_, ProcessEvent::Said(line))) = events.recv().await {
            assert!(matches!(line, Line::Error(_)), "{line:?}");
        }
    }

    #[tokio::test]
    async fn an_endless_line_costs_a_bounded_amount() {
        let mut text = vec![b'a'; 1_000_000];
        text.extend_from_slice(b"\nnext\nlast");
        let mut reader = BufReader::new(&text[..]);
        let mut line = Vec::new();
        assert!(read_line(&mut reader, &mut line).await);
        assert_eq!(line.len(), MAX_LINE_BYTES);
        assert!(read_line(&mut reader, &mut line).await);
        assert_eq!(line, b"next");
        assert!(read_line(&mut reader, &mut line).await);
        assert_eq!(line, b"last");
        assert!(!read_line(&mut reader, &mut line).await);
    }
}
