//! How answers begin that are made of a file, such as a thumbnail.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{CACHE_CONTROL, ETAG},
};

use crate::server::{
    folder::FileStamp,
    http::{
        Request,
        conditional::{Precondition, Validators, evaluate},
    },
};

/// How an answer begins.
pub struct Beginning {
    /// With the status and the entity tag, if there is one.
    pub response: HttpResponseBuilder,
    /// The visitor has it already, so no body follows.
    pub is_known: bool,
    /// There is an entity tag.
    has_tag: bool,
}

impl Beginning {
    /// Lets a browser keep the answer for a day. The page asks for that of a changed file under another
    /// URL, unless the file has changed twice within a second.
    #[must_use]
    pub fn kept(mut self) -> Self {
        if self.has_tag {
            self.response
                .insert_header((CACHE_CONTROL, "private, max-age=86400"));
        }
        self
    }
}

/// What tells versions of it apart.
pub fn validators(stamp: &FileStamp, what: &str) -> Validators {
    Validators {
        etag: (stamp.is_rested).then(|| format!("\"{:016x}-{what}\"", stamp.fingerprint())),
        modified: None,
    }
}

/// Begins the answer for a file with this stamp. `what` tells apart what is made of it. `None` if a
/// precondition has failed.
pub fn begin(request: &Request<'_>, stamp: &FileStamp, what: &str) -> Option<Beginning> {
    let validators = validators(stamp, what);
    let outcome = evaluate(request.headers, &validators);
    let mut response = match outcome {
        Precondition::Proceed => HttpResponse::Ok(),
        Precondition::NotModified => HttpResponse::NotModified(),
        Precondition::Failed => return None,
    };
    if let Some(etag) = &validators.etag {
        response.insert_header((ETAG, etag.as_str()));
    }
    Some(Beginning {
        response,
        is_known: outcome == Precondition::NotModified,
        has_tag: validators.etag.is_some(),
    })
}
