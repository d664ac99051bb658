//! Why a request failed.

use std::io;

/// A request got no response.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("{host} can't be found (the DNS lookup failed)")]
    Lookup { host: String },
    #[error("{host} can't be reached ({source})")]
    Connect { host: String, source: io::Error },
    #[error("the connection to {host} is not trusted ({source})")]
    Tls { host: String, source: io::Error },
    #[error("the proxy {proxy} can't be used ({why})")]
    Proxy { proxy: String, why: String },
    #[error("{host} took too long to answer")]
    TimedOut { host: String },
    #[error("{host} closed the connection ({why})")]
    Broken { host: String, why: String },
    #[error("{0} is not a valid address")]
    Address(String),
    #[error("the response is larger than {0} bytes")]
    TooLarge(usize),
}

impl HttpError {
    /// The error of a failed lookup of `host`.
    pub fn of_lookup(host: &str, error: io::Error) -> Self {
        let host = host.to_owned();
        if is_dns_failure(&error) {
            tracing::debug!(%error, host, "a lookup failed");
            Self::Lookup { host }
        } else {
            Self::Connect {
                host,
                source: error,
            }
        }
    }
}

/// Whether a lookup failed because of DNS, and not because, say, too many files are open. The
/// error's own text, "failed to lookup address information: …", doesn't help users.
pub fn is_dns_failure(error: &io::Error) -> bool {
    error.raw_os_error().is_none()
}
