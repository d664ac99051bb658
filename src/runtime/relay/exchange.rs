//! A request up to the first words of its answer. What went by is kept, so that the request can be
//! sent again with TLS, or the answer passed on.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};

use super::first_words::FirstWords;

/// A longer request can't be sent again.
const REQUEST_MAX: usize = 256 * 1024;
const CHUNK: usize = 16 * 1024;

/// Where a connection stands after the site's first words.
#[derive(Debug)]
pub struct Exchange {
    pub words: FirstWords,
    /// What came from the site and is not passed on yet.
    pub answer: Vec<u8>,
    /// What came from the visitor and is not passed on yet.
    pub unsent: Vec<u8>,
    /// Everything that came from the visitor; `None` if it was too much to keep.
    pub request: Option<Vec<u8>>,
    /// Why the site's words end, if that was an error.
    pub error: Option<io::Error>,
}

impl Exchange {
    /// Sends `request`, and what else comes from the visitor, to the site on `port` until it has
    /// said its first words. Waits for a slow site as long as the visitor does.
    ///
    /// # Errors
    /// The visitor is gone.
    pub async fn begin(
        request: Vec<u8>,
        visitor: &mut (impl AsyncRead + Unpin),
        site: &mut (impl AsyncRead + AsyncWrite + Unpin),
        port: u16,
    ) -> io::Result<Self> {
        let (mut site_reads, mut site_writes) = split(site);
        let mut asked = vec![0; CHUNK];
        let mut answered = vec![0; CHUNK];
        let mut answer = Vec::new();
        let mut unsent = request.clone();
        let mut request = Some(request);
        let mut needs_flush = false;
        // No more comes from the visitor, or goes to the site.
        let mut is_half_closed = false;
        let ended = |words, error, answer, unsent, request| Self {
            words,
            answer,
            unsent,
            request,
            error,
        };
        loop {
            tokio::select! {
                biased;
                read = site_reads.read(&mut answered) => match read {
                    Ok(n @ 1..) => {
                        answer.extend_from_slice(&answered[..n]);
                        if let Some(words) = FirstWords::of(&answer, port) {
                            return Ok(ended(words, None, answer, unsent, request));
                        }
                    }
                    end => {
                        let words = FirstWords::of_all(&answer);
                        return Ok(ended(words, end.err(), answer, unsent, request));
                    }
                },
                sent = send(&mut site_writes, &unsent), if !unsent.is_empty() || needs_flush => match sent {
                    Ok(n) => {
                        unsent.drain(..n);
                        needs_flush = n > 0;
                    }
                    // What it has said may still have to be read.
                    Err(_) => {
                        unsent.clear();
                        needs_flush = false;
                        is_half_closed = true;
                    }
                },
                read = visitor.read(&mut asked), if unsent.is_empty() && !is_half_closed => match read? {
                    0 => {
                        // An error shows when the site is read.
                        let _ = site_writes.shutdown().await;
                        is_half_closed = true;
                    }
                    n => {
                        unsent.extend_from_slice(&asked[..n]);
                        request = request
                            .filter(|kept| kept.len() + n <= REQUEST_MAX)
                            .map(|kept| [kept, unsent.clone()].concat());
                    }
                },
            }
        }
    }
}

/// Sends some of `bytes`, or flushes what was sent. Nothing is lost if it is cancelled.
async fn send(site: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<usize> {
    if bytes.is_empty() {
        return site.flush().await.map(|()| 0);
    }
    match site.write(bytes).await {
        Ok(0) => Err(io::ErrorKind::WriteZero.into()),
        written => written,
    }
}
