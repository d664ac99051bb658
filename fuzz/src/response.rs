//! A strict reader of HTTP/1.1 responses.

use std::io::{self, BufRead, Read};

/// No response to a target's request should be larger than this.
const MAX_BODY_BYTES: u64 = 64 * 1024 * 1024;

/// A response.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    /// With names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether it has no body, whatever its headers say about one.
    pub is_bodiless: bool,
    /// Whether nothing may follow it.
    pub closes: bool,
    /// Whether only the end of the connection ends it, so that nobody can tell whether it is
    /// complete.
    pub is_endless: bool,
}

/// Why there is no response.
#[derive(Debug)]
pub enum ReadError {
    /// The connection ended before it began.
    End,
    /// The connection ended within it.
    Cut,
    /// It took too long.
    Late,
    /// It isn't HTTP.
    Malformed(String),
}

impl Response {
    /// The value of a header that may appear only once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body before it was compressed.
    pub fn content(&self) -> Vec<u8> {
        match self.header("content-encoding") {
            _ if self.is_bodiless => Vec::new(),
            None => self.body.clone(),
            Some("gzip") => {
                let mut content = Vec::new();
                let decoder = flate2::read::GzDecoder::new(self.body.as_slice());
                let read = decoder.take(MAX_BODY_BYTES).read_to_end(&mut content);
                read.expect("a body that decompresses");
                content
            }
            Some(other) => panic!("an unknown encoding: {other}"),
        }
    }
}

/// Reads one response, after any interim ones.
///
/// # Errors
/// If there is none, or it is incomplete.
pub fn read(connection: &mut impl BufRead, is_for_head: bool) -> Result<Response, ReadError> {
    loop {
        let response = read_any(connection, is_for_head)?;
        if response.status >= 200 {
            return Ok(response);
        }
        if response.status != 100 {
            return Err(malformed("an unexpected interim response", &[]));
        }
    }
}

fn read_any(connection: &mut impl BufRead, is_for_head: bool) -> Result<Response, ReadError> {
    let start = line(connection, ReadError::End)?;
    let (is_http10, status) = status_line(&start)?;
    let mut headers = Vec::new();
    loop {
        let line = line(connection, ReadError::Cut)?;
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|&byte| byte == b':');
        let Some(colon) = colon.filter(|&colon| line[..colon].iter().all(is_token)) else {
            return Err(malformed("a header", &line));
        };
        let name = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
        let value = String::from_utf8_lossy(&line[colon + 1..]);
        headers.push((name, value.trim().to_owned()));
    }
    let values = |name: &str| -> Vec<String> {
        let found = headers.iter().filter(|(other, _)| other == name);
        found.map(|(_, value)| value.to_ascii_lowercase()).collect()
    };
    let (lengths, encodings) = (values("content-length"), values("transfer-encoding"));
    let connection_options = values("connection");
    let mut response = Response {
        status,
        headers,
        body: Vec::new(),
        is_bodiless: is_for_head || status < 200 || status == 204 || status == 304,
        closes: connection_options.iter().any(|option| option == "close")
            || (is_http10 && !connection_options.iter().any(|it| it == "keep-alive")),
        is_endless: false,
    };
    if lengths.len() + encodings.len() > 1 {
        return Err(malformed("two lengths", &start));
    }
    if let Some(encoding) = encodings.first()
        && (encoding != "chunked" || is_http10)
    {
        return Err(malformed("an encoding", encoding.as_bytes()));
    }
    let length = match lengths.first() {
        None => None,
        Some(length) if length.bytes().all(|byte| byte.is_ascii_digit()) => {
            let length = length.parse::<u64>();
            Some(length.map_err(|_| malformed("a length", &start))?)
        }
        Some(length) => return Err(malformed("a length", length.as_bytes())),
    };
    if (status < 200 || status == 204) && (length.is_some() || !encodings.is_empty()) {
        return Err(malformed("a length of nothing", &start));
    }
    if response.is_bodiless {
        return Ok(response);
    }
    if !encodings.is_empty() {
        response.body = chunks(connection)?;
    } else if let Some(length) = length {
        if length > MAX_BODY_BYTES {
            return Err(malformed("a large body", &start));
        }
        response.body = bytes(connection, length)?;
    } else {
        // RFC 9112, section 6.3: the body lasts until the connection ends, so it must end.
        let limited = &mut connection.take(MAX_BODY_BYTES);
        limited.read_to_end(&mut response.body).map_err(broken)?;
        response.closes = true;
        response.is_endless = true;
    }
    Ok(response)
}

fn status_line(line: &[u8]) -> Result<(bool, u16), ReadError> {
    let is_http10 = line.starts_with(b"HTTP/1.0 ");
    if !(is_http10 || line.starts_with(b"HTTP/1.1 ")) || line.len() < 13 || line[12] != b' ' {
        return Err(malformed("a status line", line));
    }
    let digits = &line[9..12];
    if !digits.iter().all(u8::is_ascii_digit) || !(b'1'..=b'5').contains(&digits[0]) {
        return Err(malformed("a status", line));
    }
    let number = digits
        .iter()
        .fold(0, |number, digit| number * 10 + u16::from(digit - b'0'));
    Ok((is_http10, number))
}

fn chunks(connection: &mut impl BufRead) -> Result<Vec<u8>, ReadError> {
    let mut body = Vec::new();
    loop {
        let size = line(connection, ReadError::Cut)?;
        let text = str::from_utf8(&size).unwrap_or_default();
        let is_hex = !size.is_empty() && size.iter().all(u8::is_ascii_hexdigit);
        let size = u64::from_str_radix(text, 16).ok().filter(|_| is_hex);
        let size = size.ok_or_else(|| malformed("the size of a chunk", text.as_bytes()))?;
        if body.len() as u64 + size > MAX_BODY_BYTES {
            return Err(malformed("a large body", &[]));
        }
        body.extend_from_slice(&bytes(connection, size)?);
        if !line(connection, ReadError::Cut)?.is_empty() {
            return Err(malformed("the end of a chunk", &[]));
        }
        if size == 0 {
            return Ok(body);
        }
    }
}

fn bytes(connection: &mut impl BufRead, length: u64) -> Result<Vec<u8>, ReadError> {
    let mut body = Vec::new();
    let limited = &mut connection.take(length);
    limited.read_to_end(&mut body).map_err(broken)?;
    if (body.len() as u64) < length {
        return Err(ReadError::Cut);
    }
    Ok(body)
}

/// A line without its end, which is CR LF.
fn line(connection: &mut impl BufRead, at_end: ReadError) -> Result<Vec<u8>, ReadError> {
    let mut line = Vec::new();
    let limited = &mut connection.take(64 * 1024);
    limited.read_until(b'\n', &mut line).map_err(broken)?;
    if line.is_empty() {
        return Err(at_end);
    }
    if line.last() != Some(&b'\n') {
        return Err(ReadError::Cut);
    }
    let text = line.strip_suffix(b"\r\n");
    let text = text.filter(|text| text.iter().all(|&byte| byte == b'\t' || byte >= b' '));
    match text {
        Some(text) => Ok(text.to_vec()),
        None => Err(malformed("a line", &line)),
    }
}

fn is_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte)
}

fn broken(error: io::Error) -> ReadError {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => ReadError::Late,
        _ => ReadError::Cut,
    }
}

fn malformed(what: &str, text: &[u8]) -> ReadError {
    ReadError::Malformed(format!("{what}: {:?}", String::from_utf8_lossy(text)))
}
