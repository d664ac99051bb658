//! Responses that actix-web itself makes to requests that never reach a handler: 400 for what isn't
//! HTTP, 408 for what doesn't arrive, 431 for what never ends.

use bytes::Bytes;

use super::protection::PROTECTION;

/// Such a response with the headers that every response has; `None` if it isn't a response.
///
/// It is the last of its connection. actix-web doesn't always say so (RFC 9112, section 9.6).
pub fn protected(response: &[u8]) -> Option<Bytes> {
    if !response.starts_with(b"HTTP/1.1 ") {
        return None;
    }
    let end_of_status = response.windows(2).position(|two| two == b"\r\n")? + 2;
    let (status, rest) = response.split_at(end_of_status);
    let mut whole = status.to_vec();
    for (name, value) in PROTECTION {
        whole.extend_from_slice(name.as_str().as_bytes());
        whole.extend_from_slice(b": ");
        whole.extend_from_slice(value.as_bytes());
        whole.extend_from_slice(b"\r\n");
    }
    let says_so = rest
        .split(|byte| *byte == b'\n')
        .any(|line| line.to_ascii_lowercase().starts_with(b"connection:"));
    if !says_so && !status.starts_with(b"HTTP/1.1 1") {
        whole.extend_from_slice(b"connection: close\r\n");
    }
    whole.extend_from_slice(rest);
    Some(whole.into())
}
