//! Reads a form with the password.

use std::{io, time::Duration};

use bytes::BytesMut;
use tokio::{io::AsyncWrite, time::timeout};

use super::{
    incoming::{Incoming, VisitorReads},
    message::{Framing, Refusal, RequestHead},
    outgoing::Outgoing,
};
use crate::server::MAX_FORM_BYTES;

/// Asks for the body of a request.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// Why a form was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// The visitor is told.
    Refused(Refusal),
    /// The visitor is gone.
    NoVisitor,
}

impl From<io::Error> for Unread {
    fn from(_: io::Error) -> Self {
        Self::NoVisitor
    }
}

/// The body of a request, which has to come within `limit`.
///
/// # Errors
/// It is no form, and the connection has to end.
pub async fn read(
    head: &RequestHead,
    incoming: &mut Incoming<impl VisitorReads>,
    outgoing: &mut Outgoing<impl AsyncWrite + Unpin>,
    limit: Duration,
) -> Result<BytesMut, Unread> {
    let Framing::Length(length) = head.framing() else {
        return Err(Unread::Refused(Refusal::NoLength));
    };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > MAX_FORM_BYTES {
        return Err(Unread::Refused(Refusal::BodyTooLong));
    }
    if head.waits_for_continue() && !incoming.has(length) {
        outgoing.send(CONTINUE).await?;
        outgoing.begin();
    }
    match timeout(limit, incoming.exactly(length)).await {
        Ok(form) => Ok(form?),
        Err(_) => Err(Unread::Refused(Refusal::TooSlow)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::{AsyncWriteExt, duplex, sink};

    use super::super::seats::Seat;
    use super::*;
    use crate::server::Activity;

    #[tokio::test]
    async fn a_form_that_does_not_come_is_not_waited_for() {
        let head = b"POST /?unlock HTTP/1.1\r\nHost: a\r\nContent-Length: 15\r\n\r\n";
        let head = RequestHead::parse(head).unwrap();
        let (reads, mut visitor) = duplex(64);
        let mut incoming = Incoming::new(reads, Activity::default());
        let mut outgoing = Outgoing::new(sink(), Arc::new(Seat::new()), Activity::default());
        visitor.write_all(b"password=secre").await.unwrap();
        let limit = Duration::from_millis(10);
        let form = read(&head, &mut incoming, &mut outgoing, limit).await;
        assert_eq!(form, Err(Unread::Refused(Refusal::TooSlow)));
        // It is not taken for anything else later.
        visitor.write_all(b"tGET").await.unwrap();
        let form = read(&head, &mut incoming, &mut outgoing, Duration::MAX).await;
        assert_eq!(form.unwrap(), "password=secret");
        assert_eq!(incoming.ahead, "GET");
    }
}
