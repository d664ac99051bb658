//! Answers with the SHA-256 sum of a file.
//!
//! Between visitors and this computer, nobody waits for longer than 100 seconds for the first byte of
//! an answer, and reading a large file takes minutes. So an answer that takes longer begins with lines
//! that say how far it is. `sha256sum --check` ignores them.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER},
    },
};
use bytes::Bytes;
use tokio::time::{Sleep, sleep};

use super::derived;
use crate::server::{
    http::{
        Request,
        error::{error, overloaded},
        headers::UNTRANSFORMED,
    },
    share::FileResource,
    sums::{Asker, Sum, Sums, comment, line},
    transport::{HeadBody, HeadStream},
};

/// How often an answer says how far it is.
const INTERVAL: Duration = Duration::from_secs(5);

/// When somebody who waits for enough sums may ask again, in seconds.
const RETRY_S: &str = "30";

type Summing = Pin<Box<dyn Future<Output = io::Result<Sum>>>>;

/// Answers with the sum of a file, as a line of `sha256sum`.
///
/// # Errors
/// Those of opening and reading the file, and one if it changes meanwhile.
pub async fn respond(
    sums: &Arc<Sums>,
    request: &Request<'_>,
    file: &FileResource,
) -> io::Result<HttpResponse> {
    let Some(beginning) = derived::begin(request, &file.stamp, "sha256") else {
        return Ok(error(StatusCode::PRECONDITION_FAILED));
    };
    let mut response = beginning.response;
    // A proxy that gathers the lines before it passes them on would give up, too.
    response.insert_header((CACHE_CONTROL, UNTRANSFORMED));
    if beginning.is_known {
        return Ok(response.finish());
    }
    response.insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"));
    let name = request.path.last().unwrap_or_default().to_vec();
    if let Some(sum) = sums.known(file) {
        let line = line(&sum, &name);
        return Ok(if request.delivery.is_head {
            response.body(HeadBody(line.len() as u64))
        } else {
            response.body(line)
        });
    }
    if request.delivery.is_head {
        // Nobody reads a file for somebody who doesn't want its sum.
        return Ok(response.body(BoxBody::new(HeadStream)));
    }
    let network = request.visitor.and_then(|visitor| visitor.caller.network);
    let Some(asker) = Asker::new(network) else {
        let mut response = overloaded();
        let wait = HeaderValue::from_static(RETRY_S);
        response.headers_mut().insert(RETRY_AFTER, wait);
        return Ok(response);
    };
    let mut summing: Summing = {
        let (sums, file) = (Arc::clone(sums), file.clone());
        let visitor = request.delivery.outbox.clone();
        Box::pin(async move {
            let sum = sums.sum(&file, &visitor).await;
            drop(asker);
            sum
        })
    };
    tokio::select! {
        biased;
        sum = &mut summing => return Ok(response.body(line(&sum?, &name))),
        () = sleep(INTERVAL) => {}
    }
    if request.delivery.is_http10 {
        response.no_chunking(0).force_close();
    }
    let mut response = response.body(BoxBody::new(SlowSum {
        sums: Arc::clone(sums),
        file: file.clone(),
        name,
        summing: Some(summing),
        // The first line is sent at once.
        next: Box::pin(sleep(Duration::ZERO)),
    }));
    if request.delivery.is_http10 {
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    Ok(response)
}

/// A sum that takes long.
struct SlowSum {
    sums: Arc<Sums>,
    file: FileResource,
    name: Vec<u8>,
    /// `None` when it is sent.
    summing: Option<Summing>,
    /// When to say again how far it is.
    next: Pin<Box<Sleep>>,
}

impl MessageBody for SlowSum {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        let Some(summing) = &mut self.summing else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(sum) = summing.as_mut().poll(context) {
            self.summing = None;
            let line = sum.map(|sum| Bytes::from(line(&sum, &self.name)));
            return Poll::Ready(Some(line));
        }
        if self.next.as_mut().poll(context).is_ready() {
            self.next.set(sleep(INTERVAL));
            // So that it is called when that time is over.
            context.waker().wake_by_ref();
            let said = comment(self.sums.stage(&self.file));
            return Poll::Ready(Some(Ok(said.into())));
        }
        Poll::Pending
    }
}
