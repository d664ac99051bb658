//! Reads a form with the password.

use std::io;

use bytes::BytesMut;
use tokio::io::AsyncWrite;

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

/// The body of a request.
///
/// # Errors
/// It is no form, and the connection has to end.
pub async fn read(
    head: &RequestHead,
    incoming: &mut Incoming<impl VisitorReads>,
    outgoing: &mut Outgoing<impl AsyncWrite + Unpin>,
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
    Ok(incoming.exactly(length).await?)
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin, sync::Arc, task::Poll};

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
        let given_up = {
            let mut form = pin!(read(&head, &mut incoming, &mut outgoing));
            poll_fn(|context| Poll::Ready(form.as_mut().poll(context).is_pending())).await
        };
        assert!(given_up, "it has not come");
        // It is not taken for anything else later.
        visitor.write_all(b"tGET").await.unwrap();
        let form = read(&head, &mut incoming, &mut outgoing).await;
        assert_eq!(form.unwrap(), "password=secret");
        assert_eq!(incoming.ahead, "GET");
    }
}
