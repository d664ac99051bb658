//! Why a request is refused.

/// A request that is neither passed on nor answered by anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It could be read in more than one way, or in none. What is wrong, for the visitor.
    Malformed(&'static str),
    /// Its head is too long.
    TooLong,
    /// It didn't come in time.
    TooSlow,
    /// Its body has to say how long it is.
    NoLength,
    /// Its body is too long.
    BodyTooLong,
    /// It asks for something that the relay doesn't do.
    NotSupported(&'static str),
}

impl Refusal {
    /// The response, after which the connection ends.
    pub fn response(self) -> String {
        let (status, why) = match self {
            Self::Malformed(why) => ("400 Bad Request", why),
            Self::TooLong => (
                "431 Request Header Fields Too Large",
                "The head of the request is longer than 64 KB.",
            ),
            Self::TooSlow => ("408 Request Timeout", "The request took too long."),
            Self::NoLength => ("411 Length Required", "The request needs a Content-Length."),
            Self::BodyTooLong => (
                "413 Content Too Large",
                "The body of the request is too long.",
            ),
            Self::NotSupported(why) => ("501 Not Implemented", why),
        };
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n{why}\n",
            why.len() + 1
        )
    }
}
