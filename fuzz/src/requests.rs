//! A strict reader of a stream of requests (RFC 9112), to check a server's answers against.

/// A request that can only be read in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub is_http10: bool,
    /// Whether the sender says that it is the last one.
    pub closes: bool,
    /// Whether it has a body. A server may end the connection rather than read it.
    pub has_body: bool,
    /// The content of its body.
    pub body: Vec<u8>,
}

impl Request {
    pub fn is_head(&self) -> bool {
        self.method == "HEAD"
    }

    /// The decoded path that the target names, without the query.
    pub fn path(&self) -> Vec<u8> {
        let path = self.target.split('?').next().unwrap_or_default();
        percent_encoding::percent_decode_str(path).collect()
    }
}

/// What follows the requests that can only be read in one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    Nothing,
    /// A request that must be refused, because servers differ in how they read it (RFC 9112,
    /// sections 5.1, 6.1 and 6.3). Nothing after it may be treated as a request.
    Refused,
    /// Something that may be read as at most this many requests, or is cut off.
    Unclear(usize),
}

/// The longest head that every server answers, in bytes.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// The most headers that every server accepts.
const MAX_HEADERS: usize = 60;

/// Reads requests for as long as they are clear.
pub fn read(stream: &[u8]) -> (Vec<Request>, Rest) {
    let mut requests = Vec::new();
    let mut left = stream;
    loop {
        // Servers ignore an empty line before a request (RFC 9112, section 2.2).
        while let Some(rest) = left.strip_prefix(b"\r\n") {
            left = rest;
        }
        if left.is_empty() {
            return (requests, Rest::Nothing);
        }
        match one(left) {
            One::Clear(request, length) => {
                requests.push(request);
                left = &left[length..];
            }
            One::Refused => return (requests, Rest::Refused),
            One::Unclear => {
                // Each request has a version, and anything else is refused once.
                let versions = left.windows(5).filter(|five| *five == b"HTTP/").count();
                return (requests, Rest::Unclear(versions + 1));
            }
        }
    }
}

enum One {
    /// A request, and its length in bytes.
    Clear(Request, usize),
    Refused,
    Unclear,
}

fn one(stream: &[u8]) -> One {
    let Some(head) = stream.windows(4).position(|four| four == b"\r\n\r\n") else {
        return One::Unclear;
    };
    let body = &stream[head + 4..];
    let head = &stream[..head];
    let is_plain = |byte: &u8| matches!(byte, b'\t' | b'\r' | b'\n' | b' '..=b'~');
    if head.len() > MAX_HEAD_BYTES || !head.iter().all(is_plain) {
        return One::Unclear;
    }
    let head = str::from_utf8(head).unwrap_or_default();
    // Servers may take any of these for the end of a line, and so for the end of the head.
    if head.replace("\r\n", "").contains(['\r', '\n']) {
        return One::Unclear;
    }
    let mut lines = head.split("\r\n");
    let start = lines.next().unwrap_or_default();
    let Some(mut request) = start_line(start) else {
        return One::Unclear;
    };
    let mut lengths: Vec<&str> = Vec::new();
    let mut encodings: Vec<&str> = Vec::new();
    let mut options: Vec<String> = Vec::new();
    let mut is_unclear = false;
    let mut is_refused = false;
    for (index, line) in lines.enumerate() {
        is_unclear |= index >= MAX_HEADERS;
        // A folded line, or one with a space before its colon.
        let Some((name, value)) = line.split_once(':') else {
            is_unclear = true;
            continue;
        };
        if name.is_empty() || !name.bytes().all(is_token) {
            is_refused |= name.ends_with([' ', '\t']) && !name.starts_with([' ', '\t']);
            is_unclear = true;
        }
        let value = value.trim_matches([' ', '\t']);
        match name.trim().to_ascii_lowercase().as_str() {
            "content-length" => lengths.push(value),
            "transfer-encoding" => encodings.push(value),
            "connection" => {
                options.extend(value.split(',').map(|it| it.trim().to_ascii_lowercase()));
            }
            "expect" | "upgrade" => is_unclear = true,
            _ => {}
        }
    }
    if is_unclear {
        return if is_refused {
            One::Refused
        } else {
            One::Unclear
        };
    }
    request.closes = if options.iter().any(|it| it == "close") {
        true
    } else {
        request.is_http10 && !options.iter().any(|it| it == "keep-alive")
    };
    // Few servers know several options at once.
    if options.len() > 1 || request.method == "CONNECT" {
        return One::Unclear;
    }
    let head_bytes = head.len() + 4;
    request.has_body = !(lengths.is_empty() && encodings.is_empty());
    match (lengths.as_slice(), encodings.as_slice()) {
        ([], []) => One::Clear(request, head_bytes),
        ([length], []) if !length.is_empty() && length.bytes().all(|it| it.is_ascii_digit()) => {
            match length.parse::<usize>() {
                Ok(length) if length <= body.len() => {
                    request.body = body[..length].to_vec();
                    One::Clear(request, head_bytes + length)
                }
                Ok(_) => One::Unclear,
                Err(_) => One::Refused,
            }
        }
        ([_], []) => One::Refused,
        ([], [encoding]) if encoding.eq_ignore_ascii_case("chunked") && !request.is_http10 => {
            match chunked(body) {
                Some((content, length)) => {
                    request.body = content;
                    One::Clear(request, head_bytes + length)
                }
                None => One::Unclear,
            }
        }
        // One of the two alone may still be valid.
        ([], [_]) => One::Unclear,
        _ => One::Refused,
    }
}

fn start_line(line: &str) -> Option<Request> {
    let mut parts = line.split(' ');
    let (method, target, version) = (parts.next()?, parts.next()?, parts.next()?);
    let is_target = target.starts_with('/') && target.bytes().all(|it| it.is_ascii_graphic());
    let is_version = version == "HTTP/1.1" || version == "HTTP/1.0";
    let is_method = !method.is_empty() && method.bytes().all(|it| it.is_ascii_uppercase());
    (is_method && is_target && is_version && parts.next().is_none()).then(|| Request {
        method: method.to_owned(),
        target: target.to_owned(),
        is_http10: version == "HTTP/1.0",
        closes: false,
        has_body: false,
        body: Vec::new(),
    })
}

/// The content and the length of a chunked body without extensions or trailers; `None` if it isn't
/// one.
fn chunked(body: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut at = 0;
    let mut content = Vec::new();
    loop {
        let line = body[at..].windows(2).position(|two| two == b"\r\n")?;
        let digits = &body[at..at + line];
        if digits.is_empty() || digits.len() > 6 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let size = usize::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
        at += line + 2;
        content.extend_from_slice(body.get(at..at + size)?);
        at += size;
        if body.get(at..at + 2)? != b"\r\n" {
            return None;
        }
        at += 2;
        if size == 0 {
            return Some((content, at));
        }
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
