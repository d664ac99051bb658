//! Files that visitors hand in, as HTTP.
//!
//! No name in a folder is reserved: whatever is not a file is in the query.
//!
//! ```text
//! tus      resumable uploads
//! form     a form with files
//! put      one file
//! mkcol    a folder
//! info     what the page asks while it is open
//! sent     a request that hands something in, and where it is to go
//! intake   from the body of a request to an upload
//! refusal  why something is not taken
//! ```

mod form;
mod info;
mod intake;
mod mkcol;
mod put;
mod refusal;
mod sent;
mod tus;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{ALLOW, CACHE_CONTROL, HeaderValue},
    },
};

use super::operation::{self, Operation};
use crate::server::{
    http::{
        error::error,
        multipart::Multipart,
        tus::{TUS_RESUMABLE, VERSION},
    },
    page::{self, UploadNotice, UploadPage},
    receive::ReceiveError,
    uploads::UploadRules,
};
use refusal::Refusal;
pub use sent::Sent;

/// What neither a browser nor a proxy keeps.
pub const UNCACHED: HeaderValue = HeaderValue::from_static("no-store");

/// What a request is about, according to its query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject<'a> {
    /// An upload that was begun.
    Upload(&'a str),
    /// What has come of a delivery.
    Delivery(&'a str),
    /// A delivery that is complete, according to the visitor.
    Delivered(&'a str),
    /// What may be handed in.
    Allowed,
    /// Handing in to a folder, and the delivery that a visitor has just made there.
    Folder(Option<&'a str>),
    /// Nothing of this.
    Other,
}

impl<'a> Subject<'a> {
    /// What has a name of its own is at the root only.
    fn of(path: &str, query: &'a str) -> Self {
        match Self::asked(query) {
            Self::Upload(_) | Self::Delivery(_) | Self::Delivered(_) if path != "/" => Self::Other,
            subject => subject,
        }
    }

    fn asked(query: &'a str) -> Self {
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let has = |pair: &str| query.split('&').any(|other| other == pair);
        if has("upload") {
            Self::Folder(value("delivered"))
        } else if let Some(id) = value("upload") {
            Self::Upload(id)
        } else if let Some(id) = value("delivered") {
            Self::Delivered(id)
        } else if let Some(id) = value("delivery") {
            Self::Delivery(id)
        } else if has("uploads=json") {
            Self::Allowed
        } else {
            Self::Other
        }
    }
}

/// Answers a request that hands something in, or asks about it. `None` if it is neither.
pub async fn respond(
    sent: &Sent<'_>,
    operation: Operation,
    rules: Option<&UploadRules>,
) -> Option<HttpResponse> {
    if operation.is_reading() && sent.request.query.is_empty() && !sent.share.is_inbox() {
        // As most requests are.
        return None;
    }
    let path = sent.request.path.to_url();
    let subject = Subject::of(&path, sent.request.query);
    let answer = match operation {
        // Few requests need so much room.
        Operation::Get | Operation::Head => Box::pin(show(sent, operation, subject, rules)).await?,
        _ => Box::pin(change(sent, operation, subject)).await,
    };
    let mut response = answer.unwrap_or_else(|refusal| refused(sent, refusal, subject, rules));
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, UNCACHED);
    if tus::is_spoken(sent) {
        headers.insert(TUS_RESUMABLE, VERSION);
    }
    Some(response)
}

/// Whether a request goes on with what was begun before the share has ended, so that it may finish.
pub fn continues(operation: Operation, path: &str, query: &str) -> bool {
    match Subject::of(path, query) {
        Subject::Upload(_) => matches!(
            operation,
            Operation::Head | Operation::Patch | Operation::Delete
        ),
        Subject::Delivered(_) => operation == Operation::Post,
        Subject::Delivery(_) => operation == Operation::Get,
        _ => false,
    }
}

/// Whether a request is about handing in, and nothing else.
pub fn is_meant(path: &str, query: &str) -> bool {
    Subject::of(path, query) != Subject::Other
}

/// Adds what OPTIONS tells about handing in.
pub fn describe(response: &mut HttpResponseBuilder, is_inbox: bool, rules: Option<&UploadRules>) {
    response.insert_header((ALLOW, operation::allowed(is_inbox, rules.is_some())));
    if let Some(rules) = rules {
        tus::describe(response, rules);
    }
}

/// The response while nothing may be handed in.
pub fn off() -> HttpResponse {
    let mut response = Refusal::from(ReceiveError::Off).response();
    response.headers_mut().insert(CACHE_CONTROL, UNCACHED);
    response
}

/// Answers a request that changes nothing. `None` if it is for what is in the folder.
async fn show(
    sent: &Sent<'_>,
    operation: Operation,
    subject: Subject<'_>,
    rules: Option<&UploadRules>,
) -> Option<Result<HttpResponse, Refusal>> {
    let is_inbox = sent.share.is_inbox();
    let is_taking = rules.is_some() || is_inbox;
    Some(match subject {
        Subject::Upload(id)
            if operation == Operation::Head && (is_taking || tus::is_spoken(sent)) =>
        {
            match (tus::check_version(sent), tus::id(id)) {
                (Ok(()), Ok(id)) => tus::head(sent, id).await,
                (Err(refusal), _) | (_, Err(refusal)) => Err(refusal),
            }
        }
        Subject::Allowed => Ok(info::allowed(sent, rules)),
        Subject::Delivery(id) if is_taking => info::delivery(sent, id).await,
        Subject::Folder(delivered) if rules.is_some() || is_inbox => {
            page(sent, delivered, rules).await
        }
        _ if is_inbox && sent.request.path.is_folder => page(sent, None, rules).await,
        // Nothing else is to be seen there.
        _ if is_inbox => Ok(error(StatusCode::NOT_FOUND)),
        _ => return None,
    })
}

/// Answers a request that may change something.
async fn change(
    sent: &Sent<'_>,
    operation: Operation,
    subject: Subject<'_>,
) -> Result<HttpResponse, Refusal> {
    match (operation, subject) {
        (Operation::Patch, Subject::Upload(id)) => {
            tus::check_version(sent)?;
            tus::patch(sent, tus::id(id)?).await
        }
        (Operation::Delete, Subject::Upload(id)) => {
            tus::check_version(sent)?;
            tus::delete(sent, tus::id(id)?).await
        }
        (Operation::Post, Subject::Delivered(id)) => info::delivered(sent, id).await,
        (Operation::Post, Subject::Folder(_) | Subject::Other) => {
            if let Some(form) = Multipart::of(sent.content_type()) {
                return form::post(sent, form).await;
            }
            if subject == Subject::Other && !tus::is_spoken(sent) {
                return Err(form::no_form());
            }
            tus::check_version(sent)?;
            tus::create(sent).await
        }
        (Operation::Put, Subject::Other) => put::put(sent).await,
        (Operation::Mkcol, Subject::Other) => mkcol::mkcol(sent).await,
        _ => {
            let mut response = error(StatusCode::METHOD_NOT_ALLOWED);
            let allowed = operation::allowed(sent.share.is_inbox(), true);
            response.headers_mut().insert(ALLOW, allowed);
            Ok(response)
        }
    }
}

/// The page for handing in to the folder of the request.
async fn page(
    sent: &Sent<'_>,
    delivered: Option<&str>,
    rules: Option<&UploadRules>,
) -> Result<HttpResponse, Refusal> {
    let is_inbox = sent.share.is_inbox();
    if !is_inbox {
        sent.destination(sent.request.path).await?;
    }
    let files: Vec<_> = match delivered {
        None => Vec::new(),
        Some(id) => {
            let delivery = sent.inbox.delivery(info::delivery_id(id)?).await;
            let files = delivery.files.into_iter();
            files.map(|file| (file.name, file.bytes)).collect()
        }
    };
    let page = UploadPage {
        title: &sent.share.title,
        is_inbox,
        folder: sent.request.path,
        message: rules.map_or("", |rules| &rules.message),
        delivered: Some(files.as_slice()).filter(|files| !files.is_empty()),
        error: rules.is_none().then_some(UploadNotice::SettingOff),
    };
    Ok(page::upload(&page, sent.headers()))
}

/// The response to a request that is refused: a page if a browser shows it.
fn refused(
    sent: &Sent<'_>,
    refusal: Refusal,
    subject: Subject<'_>,
    rules: Option<&UploadRules>,
) -> HttpResponse {
    let is_form = matches!(subject, Subject::Folder(_) | Subject::Other)
        && sent.is_browser
        && !tus::is_spoken(sent);
    let (true, Some(notice)) = (is_form, refusal.notice()) else {
        return refusal.response();
    };
    let page = UploadPage {
        title: &sent.share.title,
        is_inbox: sent.share.is_inbox(),
        folder: sent.request.path,
        message: rules.map_or("", |rules| &rules.message),
        delivered: None,
        error: Some(notice),
    };
    let mut response = page::upload(&page, sent.headers());
    refusal.describe(response.headers_mut());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_says_what_a_request_is_about() {
        for (query, expected) in [
            ("", Subject::Other),
            ("json", Subject::Other),
            ("uploads", Subject::Other),
            ("upload", Subject::Folder(None)),
            ("a=b&upload&delivered=x", Subject::Folder(Some("x"))),
            ("upload=x", Subject::Upload("x")),
            ("upload=", Subject::Upload("")),
            ("delivered=x", Subject::Delivered("x")),
            ("delivery=x&json", Subject::Delivery("x")),
            ("uploads=json", Subject::Allowed),
        ] {
            assert_eq!(Subject::of("/", query), expected, "{query}");
            let elsewhere = match expected {
                Subject::Folder(_) | Subject::Allowed => expected,
                _ => Subject::Other,
            };
            assert_eq!(Subject::of("/a/", query), elsewhere, "{query}");
        }
    }

    #[test]
    fn only_what_was_begun_may_go_on_after_the_end() {
        for (operation, query, expected) in [
            (Operation::Patch, "upload=x", true),
            (Operation::Head, "upload=x", true),
            (Operation::Delete, "upload=x", true),
            (Operation::Post, "delivered=x", true),
            (Operation::Get, "delivery=x", true),
            (Operation::Post, "upload", false),
            (Operation::Post, "upload=x", false),
            (Operation::Get, "upload=x", false),
            (Operation::Put, "", false),
            (Operation::Get, "upload&delivered=x", false),
            (Operation::Get, "", false),
        ] {
            assert_eq!(
                continues(operation, "/", query),
                expected,
                "{operation:?} {query}"
            );
        }
    }
}
