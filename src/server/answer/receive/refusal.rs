//! Why something is not taken, as a response: a status, a header for the page, and a line for people.

use std::borrow::Cow;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    },
};

use crate::server::{
    http::tus::{TUS_VERSION, UPLOAD_OFFSET, VERSION},
    page::UploadNotice,
    receive::ReceiveError,
    transport::BodyError,
};

/// Tells the page what a status alone doesn't.
const UPLOAD_ERROR: HeaderName = HeaderName::from_static("upload-error");

/// When a program may try again while other uploads are in the way.
const RETRY_BUSY_S: u32 = 5;

/// When it may try again while the folder is away, or too much is open.
const RETRY_AWAY_S: u32 = 30;

/// A request that is not carried out.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    text: Cow<'static, str>,
    /// The value of [`UPLOAD_ERROR`].
    code: Option<&'static str>,
    /// What a page says about it.
    notice: Option<UploadNotice>,
    /// How much of the upload is here.
    offset: Option<u64>,
    retry_s: Option<u32>,
}

impl Refusal {
    /// With a text that says what is wrong and what to do.
    pub fn new(status: StatusCode, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            text: text.into(),
            code: None,
            notice: None,
            offset: None,
            retry_s: None,
        }
    }

    /// The request is malformed.
    pub fn invalid(text: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    /// There was neither a file nor a text in a form.
    pub fn nothing_chosen() -> Self {
        Self {
            notice: Some(UploadNotice::NothingChosen),
            ..Self::invalid("The form has no file. Choose one, as with curl -F file=@FILE.")
        }
    }

    /// What a page says about it; `None` if only a broken program gets there.
    pub fn notice(&self) -> Option<UploadNotice> {
        self.notice
    }

    /// With another status in place of this one.
    pub fn with_status(mut self, from: StatusCode, to: StatusCode) -> Self {
        if self.status == from {
            self.status = to;
        }
        self
    }

    /// Adds a line about what was taken all the same.
    pub fn after(mut self, received: &str) -> Self {
        self.text = format!("{received}{}", self.text).into();
        self
    }

    /// The response for a program.
    pub fn response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status)
            .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
            .body(format!("{}\n", self.text));
        let headers = response.headers_mut();
        if self.status == StatusCode::PRECONDITION_FAILED {
            headers.insert(TUS_VERSION, VERSION);
        }
        self.describe(headers);
        response
    }

    /// Adds the headers that say why.
    pub fn describe(&self, headers: &mut HeaderMap) {
        if let Some(code) = self.code {
            headers.insert(UPLOAD_ERROR, HeaderValue::from_static(code));
        }
        if let Some(offset) = self.offset {
            headers.insert(UPLOAD_OFFSET, HeaderValue::from(offset));
        }
        if let Some(retry_s) = self.retry_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(retry_s));
        }
    }

    fn of(
        error: &ReceiveError,
        status: StatusCode,
        code: &'static str,
        notice: Option<UploadNotice>,
    ) -> Self {
        Self {
            code: Some(code).filter(|code| !code.is_empty()),
            notice,
            ..Self::new(status, error.to_string())
        }
    }
}

impl From<ReceiveError> for Refusal {
    fn from(error: ReceiveError) -> Self {
        use ReceiveError as Error;
        use UploadNotice as Notice;
        let of = |status, code, notice| Self::of(&error, status, code, Some(notice));
        let plain = |status, code| Self::of(&error, status, code, None);
        match &error {
            Error::Off => of(StatusCode::FORBIDDEN, "setting-off", Notice::SettingOff),
            Error::Ended => of(StatusCode::GONE, "ended", Notice::Ended),
            Error::Unknown => plain(StatusCode::NOT_FOUND, "unknown"),
            Error::Removed => plain(StatusCode::GONE, "unknown"),
            Error::Offset(offset) => Self {
                offset: Some(*offset),
                ..plain(StatusCode::CONFLICT, "")
            },
            Error::Busy => Self {
                retry_s: Some(RETRY_BUSY_S),
                ..plain(StatusCode::LOCKED, "")
            },
            Error::Taken => plain(StatusCode::FORBIDDEN, ""),
            Error::Length => plain(StatusCode::PAYLOAD_TOO_LARGE, ""),
            Error::TooLarge(_) => of(StatusCode::PAYLOAD_TOO_LARGE, "too-large", Notice::TooLarge),
            Error::Quota => of(StatusCode::PAYLOAD_TOO_LARGE, "quota", Notice::Quota),
            Error::DiskFull => of(
                StatusCode::INSUFFICIENT_STORAGE,
                "disk-full",
                Notice::DiskFull,
            ),
            Error::TooMany => Self {
                retry_s: Some(RETRY_AWAY_S),
                ..of(StatusCode::TOO_MANY_REQUESTS, "too-many", Notice::TooMany)
            },
            Error::Away(_) => Self {
                retry_s: Some(RETRY_AWAY_S),
                ..of(StatusCode::SERVICE_UNAVAILABLE, "away", Notice::Away)
            },
            // 460 is a valid status that has no name.
            Error::Checksum => plain(
                StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST),
                "",
            ),
            Error::Lost => of(StatusCode::INTERNAL_SERVER_ERROR, "", Notice::Away),
            Error::Name(_) => of(StatusCode::BAD_REQUEST, "name", Notice::Name),
            Error::Failed(source) => {
                tracing::warn!(%source, "can't store what a visitor hands in");
                of(StatusCode::INTERNAL_SERVER_ERROR, "", Notice::Away)
            }
        }
    }
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        let incomplete = |status, text| Self {
            notice: Some(UploadNotice::Incomplete),
            ..Self::new(status, text)
        };
        match error {
            BodyError::Cut => incomplete(
                StatusCode::BAD_REQUEST,
                "The connection ended before everything had arrived. Send it again.",
            ),
            BodyError::Malformed => incomplete(
                StatusCode::BAD_REQUEST,
                "The body of the request is not in valid chunks.",
            ),
            BodyError::Stalled => incomplete(
                StatusCode::REQUEST_TIMEOUT,
                "Nothing has arrived for too long. Send it again.",
            ),
        }
    }
}
