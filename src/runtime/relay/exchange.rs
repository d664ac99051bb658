//! A request up to the first words of its answer. What went by is kept, so that the request can be
//! sent again with TLS, or the answer passed on.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split},
    time::{Instant, sleep_until},
};

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
    /// said its first words. Waits for a slow site as long as the visitor does, and for `patience`
    /// after the visitor has ended.
    ///
    /// # Errors
    /// The visitor is gone.
    pub async fn begin(
        request: Vec<u8>,
        visitor: &mut (impl AsyncRead + Unpin),
        site: &mut (impl AsyncRead + AsyncWrite + Unpin),
        port: u16,
        patience: Duration,
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
        // Until when the site may answer a visitor who has ended.
        let mut deadline = None;
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
                        deadline = Some(Instant::now() + patience);
                    }
                    n => {
                        unsent.extend_from_slice(&asked[..n]);
                        match &mut request {
                            Some(kept) if kept.len() + n <= REQUEST_MAX => {
                                kept.extend_from_slice(&asked[..n]);
                            }
                            _ => request = None,
                        }
                    }
                },
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                    return Err(io::ErrorKind::TimedOut.into());
                }
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

#[cfg(test)]
mod tests {
    use tokio::{
        io::{duplex, empty},
        time::timeout,
    };

    use super::*;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\n\r\n";
    /// Only bounds a test that fails.
    const LIMIT: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_silent_site_is_left_when_its_visitor_has_gone() {
        let (mut site, _silent) = duplex(1024);
        let mut visitor = empty();
        let patience = Duration::from_millis(10);
        let exchange = Exchange::begin(REQUEST.to_vec(), &mut visitor, &mut site, 80, patience);
        let exchange = timeout(LIMIT, exchange).await.expect("it ends");
        assert_eq!(exchange.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_site_that_waits_for_the_end_of_the_request_is_heard() {
        let (mut site, mut far) = duplex(1024);
        let mut visitor = empty();
        let exchange = Exchange::begin(REQUEST.to_vec(), &mut visitor, &mut site, 80, LIMIT);
        let answer = async {
            far.read_to_end(&mut Vec::new()).await.unwrap();
            far.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        };
        let (exchange, ()) = tokio::join!(exchange, answer);
        assert_eq!(exchange.unwrap().words, FirstWords::Http);
    }
}
