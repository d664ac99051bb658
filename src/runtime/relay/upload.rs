//! A request on its way to the site.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::{
    incoming::{Incoming, VisitorReads},
    message::{Body, Framing},
    standstill::Standstill,
};
use crate::inspector::Recording;

/// A request with a longer body can't be sent again.
const COPY_MAX: usize = 256 * 1024;
/// What the copies of all bodies may take together.
const COPIES_MAX: usize = 8 * 1024 * 1024;
/// Why a request doesn't go on.
#[derive(Debug)]
pub enum UploadError {
    /// The visitor is gone.
    NoVisitor,
    /// What the visitor sends as the body isn't one.
    Malformed,
    /// The site takes nothing.
    Standstill,
}

impl From<io::Error> for UploadError {
    fn from(_: io::Error) -> Self {
        Self::NoVisitor
    }
}

/// A request. Nothing is lost if one of its futures is dropped.
pub struct Upload {
    head: Bytes,
    /// What has to come from the visitor yet.
    body: Body,
    unsent: Bytes,
    needs_flush: bool,
    /// What came of the body, to send it again; `None` if that is too much.
    copy: Option<BodyCopy>,
    /// The visitor has ended before the request.
    is_cut: bool,
    /// The site takes no more.
    is_refused: bool,
    standstill: Standstill,
    recording: Option<Arc<Recording>>,
}

impl Upload {
    /// A request with this head. Its body is copied until [`Upload::arrived`].
    pub fn new(head: Vec<u8>, framing: Framing, copies: &Copies) -> Self {
        let head = Bytes::from(head);
        Self {
            unsent: head.clone(),
            head,
            body: Body::of_request(framing),
            needs_flush: false,
            copy: Some(copies.copy()),
            is_cut: false,
            is_refused: false,
            standstill: Standstill::default(),
            recording: None,
        }
    }

    /// Records its body as it comes.
    pub fn recorded(mut self, recording: Option<Arc<Recording>>) -> Self {
        self.recording = recording;
        self
    }

    /// Whether the site got all of it.
    pub fn is_complete(&self) -> bool {
        self.is_done() && !self.is_refused
    }

    /// Whether the visitor ended before it was complete.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// It will not be sent again.
    pub fn arrived(&mut self) {
        self.copy = None;
    }

    /// Starts from the beginning, on another connection. Returns whether that is possible.
    pub fn again(&mut self) -> bool {
        let Some(copy) = self.copy.as_ref().filter(|_| !self.is_cut) else {
            return false;
        };
        self.unsent = if copy.bytes.is_empty() {
            self.head.clone()
        } else {
            Bytes::from([&self.head[..], &copy.bytes].concat())
        };
        self.needs_flush = false;
        self.is_refused = false;
        true
    }

    /// Sends it to the site. Returns when the visitor has ended, complete or not, and tells the site.
    ///
    /// # Errors
    /// It can't be completed, and its connections have to end.
    pub async fn send(
        &mut self,
        incoming: &mut Incoming<impl VisitorReads>,
        site: &mut (impl AsyncWrite + Unpin),
    ) -> Result<(), UploadError> {
        while !self.is_done() && !self.is_cut && !self.is_refused {
            self.step(incoming, site).await?;
        }
        if !self.is_cut {
            incoming.end().await?;
        }
        // An error shows when the site is read.
        let _ = site.shutdown().await;
        Ok(())
    }

    fn is_done(&self) -> bool {
        self.body.is_done() && self.unsent.is_empty() && !self.needs_flush
    }

    async fn step(
        &mut self,
        incoming: &mut Incoming<impl VisitorReads>,
        site: &mut (impl AsyncWrite + Unpin),
    ) -> Result<(), UploadError> {
        if self.unsent.is_empty() && !self.needs_flush {
            return self.take(incoming).await;
        }
        tokio::select! {
            biased;
            sent = write_some(site, &self.unsent) => match sent {
                Ok(n) => {
                    self.unsent.advance(n);
                    if self.unsent.is_empty() {
                        // Its memory can be used for the next piece.
                        self.unsent = Bytes::new();
                    }
                    self.needs_flush = n > 0;
                }
                // What it has said may still have to be read.
                Err(_) => {
                    self.unsent = Bytes::new();
                    self.needs_flush = false;
                    self.is_refused = true;
                }
            },
            () = self.standstill.comes(incoming) => return Err(UploadError::Standstill),
        }
        Ok(())
    }

    /// Takes a piece of the body from the visitor.
    async fn take(
        &mut self,
        incoming: &mut Incoming<impl VisitorReads>,
    ) -> Result<(), UploadError> {
        if incoming.ahead.is_empty() && incoming.read().await? == 0 {
            self.is_cut = true;
            return Ok(());
        }
        let taken = self.body.take(&incoming.ahead);
        let piece = incoming
            .ahead
            .split_to(taken.ok_or(UploadError::Malformed)?);
        if let Some(copy) = &mut self.copy
            && !copy.add(&piece)
        {
            self.copy = None;
        }
        if let Some(recording) = &self.recording {
            recording.sent(&piece);
        }
        self.unsent = piece.freeze();
        Ok(())
    }
}

/// Writes some of `bytes`, or flushes what was written. Nothing is lost if it is cancelled.
async fn write_some(site: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<usize> {
    if bytes.is_empty() {
        return site.flush().await.map(|()| 0);
    }
    match site.write(bytes).await {
        Ok(0) => Err(io::ErrorKind::WriteZero.into()),
        written => written,
    }
}

/// What the copies of all bodies take. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Copies(Arc<AtomicUsize>);

/// The body of a request that was sent, in case it has to be sent again.
pub struct BodyCopy {
    bytes: Vec<u8>,
    copies: Copies,
}

impl Copies {
    pub fn copy(&self) -> BodyCopy {
        BodyCopy {
            bytes: Vec::new(),
            copies: self.clone(),
        }
    }
}

impl BodyCopy {
    /// Adds some bytes. Returns whether there is room for them.
    fn add(&mut self, bytes: &[u8]) -> bool {
        let total = self.copies.0.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len();
        self.bytes.extend_from_slice(bytes);
        total <= COPIES_MAX && self.bytes.len() <= COPY_MAX
    }
}

impl Drop for BodyCopy {
    fn drop(&mut self) {
        self.copies.0.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::Pin,
        task::{Context, Poll},
        time::Duration,
    };

    use tokio::{
        io::{AsyncRead, AsyncReadExt, ReadBuf, duplex},
        time::timeout,
    };

    use super::*;
    use crate::server::Activity;

    const LENGTH: u64 = 10_000_000;
    /// Only bounds a test that fails.
    const LIMIT: Duration = Duration::from_secs(20);

    /// A visitor who has sent much, and closed the connection behind that.
    struct Left;

    impl AsyncRead for Left {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            buffer.put_slice(&[b'x'; 1000][..buffer.remaining().min(1000)]);
            Poll::Ready(Ok(()))
        }
    }

    impl VisitorReads for Left {
        fn has_hung_up(&self) -> bool {
            true
        }
    }

    fn upload(copies: &Copies) -> Upload {
        Upload::new(b"head".to_vec(), Framing::Length(LENGTH), copies)
    }

    #[tokio::test]
    async fn a_visitor_who_has_left_is_noticed_when_the_site_takes_nothing() {
        let (mut site, _takes_nothing) = duplex(1024);
        let mut incoming = Incoming::new(Left, Activity::default());
        let mut upload = upload(&Copies::default());
        upload.standstill.after_end = Duration::from_millis(10);
        let sent = timeout(LIMIT, upload.send(&mut incoming, &mut site)).await;
        assert!(matches!(sent, Ok(Err(UploadError::Standstill))));
    }

    #[tokio::test]
    async fn what_is_kept_to_send_it_again_has_bounds_and_is_forgotten() {
        let copies = Copies::default();
        let mut uploads: Vec<_> = (0..100).map(|_| upload(&copies)).collect();
        for upload in &mut uploads {
            let (mut site, far) = duplex(1024);
            let mut incoming = Incoming::new(Left, Activity::default());
            // As much as can be copied.
            let mut part = far.take(COPY_MAX as u64 - 100_000);
            let mut sink = tokio::io::sink();
            let taking = tokio::io::copy(&mut part, &mut sink);
            tokio::select! {
                sent = upload.send(&mut incoming, &mut site) => panic!("{sent:?}"),
                taken = taking => assert!(taken.unwrap() > 100_000),
            }
        }
        let kept = copies.0.load(Ordering::Relaxed);
        assert!(kept <= COPIES_MAX, "{kept}");
        assert!(uploads[0].again() && !uploads[99].again());
        for upload in &mut uploads {
            upload.arrived();
        }
        assert_eq!(copies.0.load(Ordering::Relaxed), 0);
        assert!(!uploads[0].again());
    }
}
