//! A request up to the first words of its answer.

use std::{io, time::Duration};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, split},
    time::{Instant, sleep_until},
};

use super::{
    first_words::FirstWords,
    incoming::{Incoming, VisitorReads},
    upload::{Upload, UploadError},
};

const PIECE: usize = 16 * 1024;

/// Where a connection stands after the site's first words.
#[derive(Debug)]
pub struct Exchange {
    pub words: FirstWords,
    /// What came from the site and is not passed on yet.
    pub answer: BytesMut,
    /// Why the site's words end, if that was an error.
    pub error: Option<io::Error>,
}

impl Exchange {
    /// Sends a request to the site on `port` until it has said its first words. Waits for a slow
    /// site as long as the visitor does, and for `patience` after the visitor has ended.
    ///
    /// # Errors
    /// The request doesn't go on.
    pub async fn begin(
        upload: &mut Upload,
        incoming: &mut Incoming<impl VisitorReads>,
        site: &mut (impl AsyncRead + AsyncWrite + Unpin),
        port: u16,
        patience: Duration,
    ) -> Result<Self, UploadError> {
        let (mut site_reads, mut site_writes) = split(site);
        let mut answer = BytesMut::with_capacity(PIECE);
        let mut sending = Box::pin(upload.send(incoming, &mut site_writes));
        // Until when the site may answer a visitor who has ended.
        let mut deadline = None;
        loop {
            tokio::select! {
                biased;
                read = site_reads.read_buf(&mut answer) => match read {
                    Ok(1..) => {
                        if let Some(words) = FirstWords::of(&answer, port) {
                            return Ok(Self { words, answer, error: None });
                        }
                        answer.reserve(PIECE);
                    }
                    end => {
                        let words = FirstWords::of_all(&answer);
                        return Ok(Self { words, answer, error: end.err() });
                    }
                },
                ended = &mut sending, if deadline.is_none() => {
                    ended?;
                    deadline = Some(Instant::now() + patience);
                }
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                    return Err(UploadError::NoVisitor);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncWriteExt, Empty, duplex, empty},
        time::timeout,
    };

    use super::super::{message::Framing, upload::Copies};
    use super::*;
    use crate::server::Activity;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\n\r\n";
    /// Only bounds a test that fails.
    const LIMIT: Duration = Duration::from_secs(20);

    fn request() -> (Upload, Incoming<Empty>) {
        let upload = Upload::new(REQUEST.to_vec(), Framing::Length(0), &Copies::default());
        (upload, Incoming::new(empty(), Activity::default()))
    }

    #[tokio::test]
    async fn a_silent_site_is_left_when_its_visitor_has_gone() {
        let (mut site, _silent) = duplex(1024);
        let (mut upload, mut visitor) = request();
        let patience = Duration::from_millis(10);
        let exchange = Exchange::begin(&mut upload, &mut visitor, &mut site, 80, patience);
        let exchange = timeout(LIMIT, exchange).await.expect("it ends");
        assert!(matches!(exchange, Err(UploadError::NoVisitor)));
    }

    #[tokio::test]
    async fn a_site_that_waits_for_the_end_of_the_request_is_heard() {
        let (mut site, mut far) = duplex(1024);
        let (mut upload, mut visitor) = request();
        let exchange = Exchange::begin(&mut upload, &mut visitor, &mut site, 80, LIMIT);
        let answer = async {
            far.read_to_end(&mut Vec::new()).await.unwrap();
            far.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        };
        let (exchange, ()) = tokio::join!(exchange, answer);
        assert_eq!(exchange.unwrap().words, FirstWords::Http);
    }
}
