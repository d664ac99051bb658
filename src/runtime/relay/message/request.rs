//! The head of a request.

use std::{borrow::Cow, fmt, ops::Range};

use super::{
    body::Framing,
    field::{Field, is_token, tokens},
    refusal::Refusal,
};

/// Fields that concern one connection only, and that no site gets.
const NOT_FOR_SITES: [&str; 3] = ["keep-alive", "proxy-connection", "http2-settings"];
/// What a visitor may say about the connection.
const CONNECTION_OPTIONS: [&[u8]; 3] = [b"close", b"keep-alive", b"te"];

/// The head of a request that every program reads in the same way.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestHead {
    bytes: Vec<u8>,
    method: Range<usize>,
    target: Range<usize>,
    /// Where the fields begin.
    fields: usize,
    framing: Framing,
    is_http_1_0: bool,
    wants_close: bool,
    wants_web_socket: bool,
}

impl RequestHead {
    /// Reads a head, with the empty line at its end.
    ///
    /// # Errors
    /// It could be read in more than one way, or the relay doesn't do what it asks for.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let malformed = Refusal::Malformed;
        let mut lines = Lines(bytes);
        let line = lines.next().flatten();
        let line = line.ok_or(malformed("The request line is invalid."))?;
        let (method, target, is_http_1_0) =
            request_line(line).ok_or(malformed("The request line is invalid."))?;
        let mut head = Self {
            bytes: bytes.to_vec(),
            method,
            target,
            fields: line.len() + 2,
            framing: Framing::Length(0),
            is_http_1_0,
            wants_close: is_http_1_0,
            wants_web_socket: false,
        };
        let (mut length, mut is_chunked, mut hosts) = (None, false, 0);
        for line in lines {
            let line = line.ok_or(malformed("A line doesn’t end with CR LF."))?;
            if line.is_empty() {
                break;
            }
            let field = Field::parse(line).ok_or(malformed("A header field is invalid."))?;
            if field.is("content-length") {
                let twice = length.replace(decimal(field.value)).is_some();
                if twice || length == Some(None) {
                    return Err(malformed("Content-Length is invalid."));
                }
            } else if field.is("transfer-encoding") {
                if is_chunked || is_http_1_0 || !field.value.eq_ignore_ascii_case(b"chunked") {
                    return Err(malformed("Transfer-Encoding is invalid."));
                }
                is_chunked = true;
            } else if field.looks_like("content-length") || field.looks_like("transfer-encoding") {
                return Err(malformed("A header field looks like another one."));
            } else if field.is("host") {
                hosts += 1;
            } else if field.is("connection") {
                head.wants_close |=
                    tokens(field.value).any(|option| option.eq_ignore_ascii_case(b"close"));
            } else if field.is("upgrade") {
                head.wants_web_socket = field.value.eq_ignore_ascii_case(b"websocket");
            }
        }
        if hosts > 1 || (hosts == 0 && !is_http_1_0) {
            return Err(malformed("There has to be one Host."));
        }
        head.framing = match (length, is_chunked) {
            (Some(_), true) => {
                return Err(malformed(
                    "Content-Length and Transfer-Encoding contradict.",
                ));
            }
            (None, true) => Framing::Chunked,
            (length, false) => Framing::Length(length.flatten().unwrap_or(0)),
        };
        head.wants_web_socket &=
            head.method() == "GET" && !is_http_1_0 && head.framing == Framing::Length(0);
        if head.method() == "CONNECT" {
            return Err(Refusal::NotSupported("This is not a proxy."));
        }
        Ok(head)
    }

    pub fn method(&self) -> &str {
        // A token is ASCII.
        str::from_utf8(&self.bytes[self.method.clone()]).unwrap_or_default()
    }

    /// The path and the query, as they came.
    pub fn target(&self) -> &[u8] {
        &self.bytes[self.target.clone()]
    }

    pub fn framing(&self) -> Framing {
        self.framing
    }

    pub fn has_body(&self) -> bool {
        self.framing != Framing::Length(0)
    }

    pub fn is_http_1_0(&self) -> bool {
        self.is_http_1_0
    }

    /// The visitor's connection ends after the response.
    pub fn wants_close(&self) -> bool {
        self.wants_close
    }

    pub fn wants_web_socket(&self) -> bool {
        self.wants_web_socket
    }

    /// Whether the visitor sends the body only when asked for it (RFC 9110, section 10.1.1).
    pub fn waits_for_continue(&self) -> bool {
        let waits = |value: &[u8]| value.eq_ignore_ascii_case(b"100-continue");
        !self.is_http_1_0 && self.has_body() && self.values("expect").any(waits)
    }

    /// Whether sending it twice does the same as sending it once (RFC 9110, section 9.2.2).
    pub fn is_idempotent(&self) -> bool {
        ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"].contains(&self.method())
    }

    pub fn fields(&self) -> impl Iterator<Item = Field<'_>> {
        field_lines(&self.bytes[self.fields..]).filter_map(Field::parse)
    }

    /// The values of the fields with this name, which is in lower case.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.fields()
            .filter(move |field| field.is(name))
            .map(|field| field.value)
    }

    /// The head that the site gets: every line as it came, without what concerns the visitor's
    /// connection. `value` gives the value for each field; without one, the field is left out.
    pub fn for_site<'a>(&'a self, value: impl Fn(Field<'a>) -> Option<Cow<'a, [u8]>>) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.bytes.len());
        bytes.extend_from_slice(&self.bytes[..self.fields]);
        let lines = field_lines(&self.bytes[self.fields..]);
        for (line, field) in lines.filter_map(|line| Some((line, Field::parse(line)?))) {
            let value = if field.is("connection") {
                self.connection(field.value)
            } else if field.is("upgrade") {
                self.wants_web_socket.then_some(Cow::Borrowed(field.value))
            } else if NOT_FOR_SITES.iter().any(|name| field.is(name)) {
                None
            } else {
                value(field)
            };
            match value {
                Some(Cow::Borrowed(_)) => bytes.extend_from_slice(line),
                Some(Cow::Owned(value)) => {
                    bytes.extend_from_slice(field.name);
                    bytes.extend_from_slice(b": ");
                    bytes.extend_from_slice(&value);
                }
                None => continue,
            }
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        bytes
    }

    /// What the site gets of what the visitor says about the connection.
    fn connection<'a>(&self, value: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        let is_kept = |option: &&[u8]| {
            CONNECTION_OPTIONS
                .iter()
                .any(|kept| option.eq_ignore_ascii_case(kept))
                || (self.wants_web_socket && option.eq_ignore_ascii_case(b"upgrade"))
        };
        if tokens(value).all(|option| is_kept(&option)) {
            return Some(Cow::Borrowed(value));
        }
        let kept: Vec<_> = tokens(value).filter(is_kept).collect();
        (!kept.is_empty()).then(|| Cow::Owned(kept.join(&b", "[..])))
    }
}

/// Shows nothing that could be a secret.
impl fmt::Debug for RequestHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead")
            .field("method", &self.method())
            .field("framing", &self.framing)
            .finish_non_exhaustive()
    }
}

/// Lines that end with CR LF, without that; `None` for one with another end.
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = Option<&'a [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let end = self.0.iter().position(|byte| *byte == b'\n');
        let (line, rest) = self.0.split_at(end.map_or(self.0.len(), |end| end + 1));
        self.0 = rest;
        Some(line.strip_suffix(b"\r\n"))
    }
}

/// The lines up to the empty one, of a head that was read before.
fn field_lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    Lines(bytes).map_while(|line| line.filter(|line| !line.is_empty()))
}

/// The method, the target, and whether the version is 1.0.
fn request_line(line: &[u8]) -> Option<(Range<usize>, Range<usize>, bool)> {
    let mut parts = line.split(|byte| *byte == b' ');
    let (method, target, version) = (parts.next()?, parts.next()?, parts.next()?);
    let is_http_1_0 = match version {
        b"HTTP/1.1" => false,
        b"HTTP/1.0" => true,
        _ => return None,
    };
    let is_target = !target.is_empty() && target.iter().all(|byte| *byte > b' ' && *byte != 0x7f);
    if !is_token(method) || !is_target || parts.next().is_some() {
        return None;
    }
    let start = method.len() + 1;
    Some((0..method.len(), start..start + target.len(), is_http_1_0))
}

/// A number with at most 18 digits, and nothing else.
pub fn decimal(text: &[u8]) -> Option<u64> {
    let is_number = (1..=18).contains(&text.len()) && text.iter().all(u8::is_ascii_digit);
    is_number.then(|| {
        text.iter()
            .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests;
