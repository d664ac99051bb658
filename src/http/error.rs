//! Why a request failed.

use std::io;

/// A request got no response.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("{host} can't be found ({source})")]
    Lookup { host: String, source: io::Error },
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
