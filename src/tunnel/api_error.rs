//! Why the service gave no quick tunnel, in words.

use std::time::Duration;

use hyper::{HeaderMap, StatusCode, header::RETRY_AFTER};

use crate::{app::STILL_AVAILABLE, http::HttpError};

/// Why the service gave no tunnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// Its name can't be resolved: usually there is no network.
    NotFound {
        host: String,
    },
    /// Nothing answers at its address.
    NotReached {
        host: String,
        why: String,
    },
    /// Something intercepts the connection, or the clock is wrong.
    NotTrusted {
        host: String,
        why: String,
    },
    Proxy {
        why: String,
    },
    /// It took the request and never answered.
    NoAnswer {
        host: String,
    },
    /// It answered 429, and maybe how long to wait.
    TooMany {
        wait: Option<Duration>,
    },
    /// It answered 429 not long ago, so it was not asked again.
    TooManyBefore {
        wait: Duration,
    },
    /// It answered with another error status, and maybe a message.
    Status {
        status: u16,
        said: Option<String>,
    },
    /// It answered 200 without a tunnel.
    Nonsense,
}

impl ApiError {
    /// The error of a request that got no answer.
    pub fn of_error(error: &HttpError, host: &str) -> Self {
        let host = host.to_owned();
        match error {
            HttpError::Lookup { .. } => Self::NotFound { host },
            HttpError::Connect { source, .. } => Self::NotReached {
                host,
                why: source.to_string(),
            },
            HttpError::Tls { source, .. } => Self::NotTrusted {
                host,
                why: source.to_string(),
            },
            HttpError::Proxy { .. } => Self::Proxy {
                why: error.to_string(),
            },
            HttpError::TimedOut { .. } => Self::NoAnswer { host },
            HttpError::Broken { .. } | HttpError::Address(_) | HttpError::TooLarge(_) => {
                Self::NotReached {
                    host,
                    why: error.to_string(),
                }
            }
        }
    }

    /// The error of an answer without a tunnel.
    pub fn of_answer(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        if status == StatusCode::TOO_MANY_REQUESTS {
            let seconds = headers
                .get(RETRY_AFTER)
                .and_then(|value| value.to_str().ok()?.trim().parse().ok());
            return Self::TooMany {
                wait: seconds.map(Duration::from_secs),
            };
        }
        if status.is_success() {
            return Self::Nonsense;
        }
        Self::Status {
            status: status.as_u16(),
            said: said(body),
        }
    }

    /// A few words for the menu row.
    pub fn short(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "the DNS lookup failed",
            Self::NotReached { .. } => "Cloudflare can't be reached",
            Self::NotTrusted { .. } => "the connection is not trusted",
            Self::Proxy { .. } => "the proxy can't be used",
            Self::NoAnswer { .. } => "Cloudflare doesn't answer",
            Self::TooMany { .. } | Self::TooManyBefore { .. } => "too many new links",
            Self::Status { .. } | Self::Nonsense => "Cloudflare reported an error",
        }
    }

    /// What failed, why, and what to do. The time of the next attempt is shown elsewhere.
    pub fn sentence(&self) -> String {
        let why = match self {
            Self::NotFound { host } => format!(
                "{host} can't be found. Check that this computer is connected to the internet and that its DNS server works."
            ),
            Self::NotReached { host, why } => format!(
                "{host} can't be reached ({why}). Check your network, and whether a firewall or proxy blocks it."
            ),
            Self::NotTrusted { host, why } => format!(
                "the connection to {host} is not trusted ({why}). Check this computer's clock, and whether your network inspects connections."
            ),
            Self::Proxy { why } => {
                format!("{why}. Check this computer's proxy variables, such as https_proxy.")
            }
            Self::NoAnswer { host } => format!(
                "{host} didn't answer. The problem is on Cloudflare's side or in your network."
            ),
            Self::TooMany { .. } => "trycloudflare.com returned 429 (too many new links from your network). Existing links keep working.".into(),
            Self::TooManyBefore { .. } => "trycloudflare.com recently returned 429 (too many new links from your network), so Spot Serve is waiting before asking again. Existing links keep working.".into(),
            Self::Status {
                status,
                said: Some(said),
            } => format!(
                "trycloudflare.com returned {status} ({said}). The problem is on Cloudflare's side."
            ),
            Self::Status { status, said: None } => format!(
                "trycloudflare.com returned {status}. The problem is on Cloudflare's side."
            ),
            Self::Nonsense => "trycloudflare.com's response didn't contain a link. If your network has a login page, open any website to log in.".into(),
        };
        format!("Couldn't get a public link: {why} {STILL_AVAILABLE}")
    }
}

/// The message of an error answer, if it is short plain text or the service's JSON.
fn said(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    if let Ok(json) = serde_json::from_str::<serde_json::Value>(text) {
        let message = json.pointer("/errors/0/message")?.as_str()?;
        return short_line(message);
    }
    short_line(text)
}

fn short_line(text: &str) -> Option<String> {
    let is_plain = !text.is_empty()
        && text.len() <= 80
        && !text.starts_with('<')
        && !text.chars().any(char::is_control);
    is_plain.then(|| crate::app::visible(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_own_sentence() {
        let host = || "api.trycloudflare.com".to_owned();
        let why = || "why".to_owned();
        let refusals = [
            ApiError::NotFound { host: host() },
            ApiError::NotReached {
                host: host(),
                why: why(),
            },
            ApiError::NotTrusted {
                host: host(),
                why: why(),
            },
            ApiError::Proxy { why: why() },
            ApiError::NoAnswer { host: host() },
            ApiError::TooMany { wait: None },
            ApiError::TooManyBefore {
                wait: Duration::from_secs(60),
            },
            ApiError::Status {
                status: 500,
                said: None,
            },
            ApiError::Status {
                status: 500,
                said: Some("error code: 1101".into()),
            },
            ApiError::Nonsense,
        ];
        let sentences: Vec<String> = refusals
            .iter()
            .map(|r| format!("{}: {}", r.short(), r.sentence()))
            .collect();
        insta::assert_snapshot!(sentences.join("\n"));
    }

    #[test]
    fn only_short_plain_text_is_quoted() {
        assert_eq!(
            said(b"error code: 1101\n").as_deref(),
            Some("error code: 1101")
        );
        let json =
            br#"{"success":false,"errors":[{"code":1000,"message":"internal server error"}]}"#;
        assert_eq!(said(json).as_deref(), Some("internal server error"));
        assert_eq!(said(b"<!DOCTYPE html>"), None);
        assert_eq!(said(b""), None);
        assert_eq!(said(&[b'x'; 81]), None);
    }

    #[test]
    fn a_429_may_say_how_long_to_wait() {
        let mut headers = HeaderMap::new();
        let status = StatusCode::TOO_MANY_REQUESTS;
        assert_eq!(
            ApiError::of_answer(status, &headers, b""),
            ApiError::TooMany { wait: None }
        );
        headers.insert(RETRY_AFTER, hyper::header::HeaderValue::from_static("120"));
        let wait = Some(Duration::from_secs(120));
        assert_eq!(
            ApiError::of_answer(status, &headers, b""),
            ApiError::TooMany { wait }
        );
    }
}
