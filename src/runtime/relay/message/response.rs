//! The head of a response.

use super::{
    body::Framing,
    field::{Field, is_text, tokens, trimmed},
    request::decimal,
};

/// Fields that concern the connection to the site only.
const NOT_FOR_VISITORS: [&str; 3] = ["connection", "keep-alive", "proxy-connection"];

/// The head of a response. Lines that no browser could read are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseHead {
    pub status: u16,
    /// The status and the reason, as they came.
    status_line: Vec<u8>,
    /// Lines that are valid fields, each with CR LF.
    fields: Vec<u8>,
    is_http_1_0: bool,
}

/// What a visitor gets of a response.
#[derive(Debug, Clone, Copy, Default)]
pub struct Changes {
    /// The visitor's connection ends after it.
    pub closes: bool,
    /// No cache may keep it.
    pub is_secret: bool,
}

impl ResponseHead {
    /// Reads a head, with the empty line at its end; `None` if it isn't one.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut lines = bytes
            .split(|byte| *byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let line = lines.next()?;
        let (version, status_line) = line.split_at_checked("HTTP/1.1 ".len())?;
        let is_http_1_0 = match version {
            b"HTTP/1.0 " => true,
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'1'..=b'9', b' '] => false,
            _ => return None,
        };
        let (number, reason) = status_line.split_at_checked(3)?;
        let is_valid =
            matches!(reason, [] | [b' ', ..]) && reason.iter().all(|byte| is_text(*byte));
        let status = u16::try_from(decimal(number)?).ok()?;
        if !is_valid || status < 100 {
            return None;
        }
        let mut fields: Vec<u8> = Vec::with_capacity(bytes.len());
        for line in lines.take_while(|line| !line.is_empty()) {
            if let [b' ' | b'\t', ..] = line {
                // A value that goes on in the next line, which is obsolete.
                let more = trimmed(line);
                if more.iter().all(|byte| is_text(*byte)) && fields.ends_with(b"\r\n") {
                    fields.truncate(fields.len() - 2);
                    fields.push(b' ');
                    fields.extend_from_slice(more);
                    fields.extend_from_slice(b"\r\n");
                }
            } else if Field::parse(line).is_some() {
                fields.extend_from_slice(line);
                fields.extend_from_slice(b"\r\n");
            }
        }
        Some(Self {
            status,
            status_line: status_line.to_vec(),
            fields,
            is_http_1_0,
        })
    }

    /// Another response will follow.
    pub fn is_interim(&self) -> bool {
        self.status < 200 && self.status != 101
    }

    pub fn fields(&self) -> impl Iterator<Item = Field<'_>> {
        self.lines().map(|(field, _)| field)
    }

    /// Leaves out the fields for which this is false.
    pub fn retain(&mut self, is_kept: impl Fn(&Field<'_>) -> bool) {
        let kept = self.lines().filter(|(field, _)| is_kept(field));
        self.fields = kept.flat_map(|(_, line)| line.to_vec()).collect();
    }

    /// The fields and their lines.
    fn lines(&self) -> impl Iterator<Item = (Field<'_>, &[u8])> {
        self.fields
            .split_inclusive(|byte| *byte == b'\n')
            .filter_map(|line| Some((Field::parse(line.strip_suffix(b"\r\n")?)?, line)))
    }

    /// How its body says where it ends (RFC 9112, section 6.3); `None` if it contradicts itself.
    pub fn framing(&self, to_head: bool) -> Option<Framing> {
        if to_head || self.status < 200 || self.status == 204 || self.status == 304 {
            return Some(Framing::Length(0));
        }
        let (mut lengths, mut coding) = (Vec::new(), None);
        for field in self.fields() {
            if field.is("transfer-encoding") {
                coding = tokens(field.value).last().or(coding);
            } else if field.is("content-length") {
                lengths.extend(tokens(field.value).map(decimal));
            }
        }
        if let Some(coding) = coding {
            let is_chunked = coding.eq_ignore_ascii_case(b"chunked");
            return Some(if is_chunked {
                Framing::Chunked
            } else {
                Framing::UntilClose
            });
        }
        match lengths[..] {
            [] => Some(Framing::UntilClose),
            [first, ..] => {
                let agree = lengths.iter().all(|length| *length == first);
                Some(Framing::Length(first.filter(|_| agree)?))
            }
        }
    }

    /// Whether it is a stream of events, which hardly ends by itself.
    pub fn is_event_stream(&self) -> bool {
        let is_type = |field: &Field<'_>| {
            let kind = field.value.split(|byte| *byte == b';').next();
            let kind = kind.unwrap_or_default().trim_ascii();
            field.is("content-type") && kind.eq_ignore_ascii_case(b"text/event-stream")
        };
        self.fields().any(|field| is_type(&field))
    }

    /// Whether the site's connection can be used again after it.
    pub fn keeps_open(&self) -> bool {
        let options = || {
            self.fields()
                .filter(|field| field.is("connection"))
                .flat_map(|field| tokens(field.value))
        };
        let has = |name: &[u8]| options().any(|option| option.eq_ignore_ascii_case(name));
        !has(b"close") && (!self.is_http_1_0 || has(b"keep-alive"))
    }

    /// What the visitor gets of a response that another follows.
    pub fn interim(&self) -> Vec<u8> {
        self.for_visitor(Framing::Length(0), Changes::default())
    }

    /// The head that the visitor gets.
    pub fn for_visitor(&self, framing: Framing, changes: Changes) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.fields.len() + self.status_line.len() + 64);
        bytes.extend_from_slice(b"HTTP/1.1 ");
        bytes.extend_from_slice(&self.status_line);
        bytes.extend_from_slice(b"\r\n");
        let is_switch = self.status == 101;
        let mut has_length = false;
        for (field, line) in self.lines() {
            let is_left_out = (!is_switch && NOT_FOR_VISITORS.iter().any(|name| field.is(name)))
                || (changes.is_secret && concerns_caches(&field));
            if is_left_out {
                continue;
            }
            if field.is("content-length") {
                // One is enough, and none if the body says where it ends.
                let is_needed = matches!(framing, Framing::Length(_)) && !has_length;
                if let Some(length) = tokens(field.value).next().filter(|_| is_needed) {
                    has_length = true;
                    bytes.extend_from_slice(field.name);
                    bytes.extend_from_slice(b": ");
                    bytes.extend_from_slice(length);
                    bytes.extend_from_slice(b"\r\n");
                }
                continue;
            }
            bytes.extend_from_slice(line);
        }
        if changes.is_secret {
            bytes.extend_from_slice(b"Cache-Control: private, no-store\r\n");
        }
        if changes.closes && !is_switch {
            bytes.extend_from_slice(b"Connection: close\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        bytes
    }
}

/// Whether it tells caches what to keep: those of browsers, or Cloudflare's.
fn concerns_caches(field: &Field<'_>) -> bool {
    [
        "cache-control",
        "cdn-cache-control",
        "cloudflare-cdn-cache-control",
        "surrogate-control",
        "expires",
        "pragma",
    ]
    .iter()
    .any(|name| field.is(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(head: &str) -> ResponseHead {
        ResponseHead::parse(head.as_bytes()).unwrap()
    }

    fn for_visitor(head: &str, changes: Changes) -> String {
        let head = parse(head);
        let framing = head.framing(false).unwrap();
        String::from_utf8(head.for_visitor(framing, changes)).unwrap()
    }

    #[test]
    fn a_response_is_passed_on_as_it_came() {
        let head = "HTTP/1.1 299 Quite fine\r\nX-Twice: a\r\nSet-Cookie: a=b\r\nx-twice:  b\r\nsEt-cOOkie: c=d\r\nTransfer-Encoding: gzip, Chunked\r\nTrailer: Digest\r\n\r\n";
        assert_eq!(for_visitor(head, Changes::default()), head);
        for head in [
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            "HTTP/1.1 101\r\n\r\n",
            "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n",
        ] {
            assert_eq!(for_visitor(head, Changes::default()), head);
        }
    }

    #[test]
    fn what_concerns_the_connection_to_the_site_stays_there() {
        let head = "HTTP/1.0 200 OK\r\nConnection: close, X\r\nKeep-Alive: timeout=5\r\nX: y\r\nContent-Length: 3\r\n\r\n";
        assert_eq!(
            for_visitor(head, Changes::default()),
            "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 3\r\n\r\n"
        );
        let changes = Changes {
            closes: true,
            is_secret: false,
        };
        assert!(for_visitor(head, changes).ends_with("\r\nConnection: close\r\n\r\n"));
    }

    #[test]
    fn no_cache_keeps_a_secret() {
        let head = "HTTP/1.1 200 OK\r\ncache-control: public, max-age=9\r\nCDN-Cache-Control: max-age=9\r\nExpires: 9\r\nContent-Length: 0\r\n\r\n";
        let changes = Changes {
            closes: false,
            is_secret: true,
        };
        assert_eq!(
            for_visitor(head, changes),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nCache-Control: private, no-store\r\n\r\n"
        );
    }

    #[test]
    fn sloppy_heads_are_read_as_browsers_do() {
        let head =
            "HTTP/1.1 200\nX: a\n b\r\nno field\r\nBad Name: x\r\nY: \0\r\nContent-Length: 3\n\n";
        assert_eq!(
            for_visitor(head, Changes::default()),
            "HTTP/1.1 200\r\nX: a b\r\nContent-Length: 3\r\n\r\n"
        );
        for junk in [
            "HTTP/2 200 OK\r\n\r\n",
            "HTTP/1.1 20x OK\r\n\r\n",
            "HTTP/1.1 2000 OK\r\n\r\n",
            "SSH-2.0\r\n\r\n",
            "\r\n\r\n",
        ] {
            assert_eq!(ResponseHead::parse(junk.as_bytes()), None, "{junk:?}");
        }
    }

    #[test]
    fn the_end_of_a_body_is_known() {
        let framing = |status: &str, fields: &str, to_head| {
            parse(&format!("HTTP/1.1 {status}\r\n{fields}\r\n")).framing(to_head)
        };
        let length = "Content-Length: 5\r\n";
        let chunked = "Transfer-Encoding: chunked\r\n";
        for (status, fields, to_head, expected) in [
            ("200 OK", length, false, Some(Framing::Length(5))),
            ("200 OK", chunked, false, Some(Framing::Chunked)),
            ("200 OK", "", false, Some(Framing::UntilClose)),
            (
                "200 OK",
                "Transfer-Encoding: gzip\r\n",
                false,
                Some(Framing::UntilClose),
            ),
            ("200 OK", length, true, Some(Framing::Length(0))),
            ("204 No Content", chunked, false, Some(Framing::Length(0))),
            ("304 Not Modified", length, false, Some(Framing::Length(0))),
            (
                "200 OK",
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                false,
                Some(Framing::Chunked),
            ),
            (
                "200 OK",
                "Content-Length: 5, 5\r\nContent-Length: 5\r\n",
                false,
                Some(Framing::Length(5)),
            ),
            (
                "200 OK",
                "Content-Length: 5\r\nContent-Length: 6\r\n",
                false,
                None,
            ),
            ("200 OK", "Content-Length: x\r\n", false, None),
        ] {
            assert_eq!(
                framing(status, fields, to_head),
                expected,
                "{status} {fields}"
            );
        }
        let both = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert!(!for_visitor(both, Changes::default()).contains("Content-Length"));
    }

    #[test]
    fn whether_the_site_keeps_the_connection_is_known() {
        for (head, keeps) in [
            ("HTTP/1.1 200 OK\r\n\r\n", true),
            ("HTTP/1.1 200 OK\r\nConnection: Close\r\n\r\n", false),
            ("HTTP/1.0 200 OK\r\n\r\n", false),
            ("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n\r\n", true),
        ] {
            assert_eq!(parse(head).keeps_open(), keeps, "{head}");
        }
    }
}
