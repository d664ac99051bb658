//! Answers with small files that were just sent, and are sent again.
//!
//! A kept answer is what the handler, [`leave`](super::leave) and everything between them have made of
//! another request. It is sent again only if everything that they look at is the same, apart from what is
//! checked here: the file, what it is a part of, and whether the visitor has it already.

use std::{
    cell::RefCell,
    io::Write,
    time::{Instant, SystemTime},
};

use actix_http::Request as HttpRequest;
use actix_web::{
    HttpResponse,
    http::{
        ConnectionType, StatusCode, Version,
        header::{CONNECTION, CONTENT_LENGTH, DATE, HeaderMap, TRANSFER_ENCODING, UPGRADE, VARY},
    },
};

use super::{access::Granted, isolation::trusted, operation::Operation};
use crate::server::{
    downloads::{Sends, Visit},
    http::conditional::{Precondition, evaluate},
    share::{Circumstances, Draft, OpenShare},
    transport::{Finished, Framing, Outbox},
};

/// A request that may be answered with what is kept.
#[derive(Debug)]
pub struct Asked<'a> {
    /// As it was sent.
    path: &'a [u8],
    is_conditional: bool,
    circumstances: Circumstances,
    /// The Accept-Encoding header.
    accepts: Option<&'a [u8]>,
    began: Instant,
    keeping: Keeping,
}

/// Where a handler leaves what is needed to send its answer again.
#[derive(Debug)]
pub struct Keeping {
    /// When the request began.
    pub began: SystemTime,
    draft: RefCell<Option<Draft>>,
}

impl Keeping {
    /// Lets the answer be sent again.
    pub fn keep(&self, draft: Draft) {
        self.draft.replace(Some(draft));
    }
}

impl<'a> Asked<'a> {
    /// What a request asks for, in these circumstances. `None` if its answer depends on more.
    pub fn of(
        request: &'a HttpRequest,
        granted: &Granted,
        outbox: &Outbox,
        circumstances: Circumstances,
    ) -> Option<Self> {
        let head = request.head();
        let is_simple = granted.operation == Operation::Get
            && !granted.continues
            && head.version == Version::HTTP_11
            && head.connection_type() == ConnectionType::KeepAlive
            && head.uri.query().is_none()
            && outbox.framing() == Framing::None;
        if !is_simple {
            return None;
        }
        let (mut accepts, mut is_conditional) = (None, false);
        for (name, value) in head.headers() {
            match name.as_str() {
                "accept-encoding" if accepts.is_none() => accepts = Some(value.as_bytes()),
                "accept-encoding" | "expect" | "range" | "service-worker" => return None,
                name => is_conditional |= name.starts_with("if-"),
            }
        }
        Some(Self {
            path: head.uri.path().as_bytes(),
            is_conditional,
            circumstances,
            accepts,
            began: Instant::now(),
            keeping: Keeping {
                began: SystemTime::now(),
                draft: RefCell::default(),
            },
        })
    }

    /// Where its handler leaves what is needed to send the answer again.
    pub fn keeping(&self) -> &Keeping {
        &self.keeping
    }

    /// Answers with what is kept, if that is still right.
    pub async fn answer(
        &self,
        share: &OpenShare,
        headers: &HeaderMap,
        visit: Option<&Visit>,
        outbox: &Outbox,
    ) -> Option<HttpResponse> {
        let kept = share.kept.get(self.path, self.is_conditional, self.began)?;
        let accepts = kept.accepts.as_ref();
        let is_same = kept.circumstances == self.circumstances
            && accepts.is_none_or(|accepts| accepts.as_deref() == self.accepts)
            && kept.membership
                == trusted(
                    share.membership(&kept.path).await,
                    self.circumstances.is_open_to_files,
                );
        let expected = if self.is_conditional {
            Precondition::NotModified
        } else {
            Precondition::Proceed
        };
        if !is_same || evaluate(headers, &kept.validators) != expected {
            return None;
        }
        if let (Some(visit), Some(item)) = (visit, &kept.item) {
            outbox.follow(visit.follow(item.clone(), Sends::From(0)));
        }
        outbox.send(kept.finished.clone());
        #[cfg(test)]
        SENT_AGAIN.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        // Its head is replaced by the one that is kept.
        Some(HttpResponse::new(if self.is_conditional {
            StatusCode::NOT_MODIFIED
        } else {
            StatusCode::OK
        }))
    }

    /// Keeps a response that is complete, if its handler lets it be sent again.
    pub fn keep(self, share: &OpenShare, response: &HttpResponse, is_locked: bool) {
        let Some(draft) = self.keeping.draft.into_inner() else {
            return;
        };
        let is_unchanged = response.status() == StatusCode::NOT_MODIFIED;
        let is_kind = is_unchanged || response.status() == StatusCode::OK;
        if !is_kind || is_locked != self.circumstances.is_locked {
            return;
        }
        let content = draft.content.clone();
        let length = (!is_unchanged).then_some(content.len());
        let Some(head) = head(response, length) else {
            return;
        };
        let varies = response.headers().contains_key(VARY);
        let accepts = varies.then(|| self.accepts.map(Into::into));
        let finished = Finished::new(head.into(), content);
        share.kept.keep(
            self.path,
            is_unchanged,
            draft,
            (self.circumstances, accepts),
            finished,
            self.began,
        );
    }
}

/// The lines of the head of a response, apart from its date.
fn head(response: &HttpResponse, length: Option<usize>) -> Option<Vec<u8>> {
    let status = response.status();
    let reason = status.canonical_reason()?;
    let mut head = Vec::with_capacity(512);
    write!(head, "HTTP/1.1 {} {reason}\r\n", status.as_u16()).ok()?;
    if let Some(length) = length {
        write!(head, "{CONTENT_LENGTH}: {length}\r\n").ok()?;
    }
    for (name, value) in response.headers() {
        if [CONNECTION, CONTENT_LENGTH, DATE, TRANSFER_ENCODING, UPGRADE].contains(name) {
            return None;
        }
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    Some(head)
}

/// Whether answers without a tag are kept, too. A test that changes files all the time doesn't wait until
/// they have one.
#[cfg(test)]
pub static KEEPS_UNTAGGED: std::sync::atomic::AtomicBool =
    std::sync::atomic::AtomicBool::new(false);

/// How many answers were sent again, in tests.
#[cfg(test)]
static SENT_AGAIN: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

#[cfg(all(test, target_os = "linux"))]
#[path = "kept_tests.rs"]
mod tests;
