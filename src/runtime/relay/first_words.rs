//! What the first bytes of an answer say about a site.

/// What a site's first bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstWords {
    /// A response.
    Http,
    /// A response which says that the site wants TLS.
    HttpAboutTls,
    /// A record of TLS, such as an alert.
    Tls,
    /// Something else.
    Other,
    /// The site closed the connection without a word.
    Nothing,
}

/// `HTTP/1.1 200`
const STATUS_LINE: usize = 12;

/// What servers with TLS say, with status 400, to a request without. They name it differently.
const TLS_NAMES: [&str; 3] = ["HTTPS", "SSL", "TLS"];

/// What Go, nginx, Apache and Tomcat say when the first bytes are not TLS. No request was read then.
const REFUSALS: [&str; 4] = [
    "HTTP request to an HTTPS server",
    "plain HTTP request was sent to HTTPS port",
    "speaking plain HTTP to an SSL-enabled server port",
    "combination of host and port requires TLS",
];

impl FirstWords {
    /// What the bytes so far are; `None` if that takes more of them.
    pub fn of(bytes: &[u8], port: u16) -> Option<Self> {
        match bytes {
            [] => None,
            // The types of records (RFC 8446, section 5.1), and the major version of them all.
            [0x14..=0x17] => None,
            [0x14..=0x17, 3, ..] => Some(Self::Tls),
            _ if bytes.starts_with(b"HTTP/") => {
                let status = bytes.get(..STATUS_LINE)?;
                let wants_tls = match &status[STATUS_LINE - 3..] {
                    b"400" => speaks_of_tls(bytes),
                    b"301" | b"302" | b"307" | b"308" => redirects_to_tls(bytes, port),
                    _ => false,
                };
                Some(if wants_tls {
                    Self::HttpAboutTls
                } else {
                    Self::Http
                })
            }
            _ if b"HTTP/".starts_with(bytes) => None,
            _ => Some(Self::Other),
        }
    }

    /// What the bytes are if no more will come.
    pub fn of_all(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            Self::Nothing
        } else {
            Self::Other
        }
    }
}

fn speaks_of_tls(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    TLS_NAMES.iter().any(|name| text.contains(name))
}

/// Whether an answer that wants TLS is one that servers give before they look at a request, or that
/// asks to send the same request again.
pub fn refuses_unread(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    match answer.get(STATUS_LINE - 3..STATUS_LINE) {
        Some(b"307" | b"308") => true,
        Some(b"400") => REFUSALS.iter().any(|words| text.contains(words)),
        _ => false,
    }
}

/// A redirect to the same host and port, but with https.
fn redirects_to_tls(bytes: &[u8], port: u16) -> bool {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let target = text
        .lines()
        .find_map(|line| line.strip_prefix("location:"))
        .unwrap_or_default();
    let place = format!("https://localhost:{port}");
    target
        .trim()
        .strip_prefix(&place)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Option<FirstWords> {
        FirstWords::of(bytes, 8443)
    }

    #[test]
    fn a_response_is_http_whatever_its_status() {
        for status in [
            "200 OK",
            "400 Bad Request",
            "404 Not Found",
            "101 Switching",
        ] {
            let response = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            assert_eq!(of(response.as_bytes()), Some(FirstWords::Http), "{status}");
        }
    }

    #[test]
    fn servers_that_want_tls_say_so_in_different_words() {
        for text in [
            // Go, nginx, Apache, Tomcat
            "Client sent an HTTP request to an HTTPS server.\n",
            "<center>The plain HTTP request was sent to HTTPS port</center>",
            "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
            "Bad Request\nThis combination of host and port requires TLS.\n",
        ] {
            let response = format!("HTTP/1.0 400 Bad Request\r\n\r\n{text}");
            let words = of(response.as_bytes());
            assert_eq!(words, Some(FirstWords::HttpAboutTls), "{text}");
            assert!(refuses_unread(response.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_redirect_wants_tls_if_it_leads_to_the_same_port() {
        let of = |location: &str| {
            of(format!("HTTP/1.1 301 Moved\r\nLocation: {location}\r\n\r\n").as_bytes())
        };
        for own in ["https://localhost:8443/", "https://localhost:8443"] {
            assert_eq!(of(own), Some(FirstWords::HttpAboutTls), "{own}");
        }
        for other in [
            "http://localhost:8443/",
            "https://localhost:84430/",
            "https://localhost/",
            "https://example.org/?https://localhost:8443/",
        ] {
            assert_eq!(of(other), Some(FirstWords::Http), "{other}");
        }
    }

    #[test]
    fn an_answer_to_a_request_that_was_read_is_no_refusal() {
        for response in [
            "HTTP/1.1 400 Bad Request\r\n\r\nThe field TLS is invalid",
            "HTTP/1.1 302 Found\r\nLocation: https://localhost:8443/thanks\r\n\r\n",
        ] {
            assert_eq!(of(response.as_bytes()), Some(FirstWords::HttpAboutTls));
            assert!(!refuses_unread(response.as_bytes()), "{response}");
        }
    }

    #[test]
    fn other_protocols_are_told_apart() {
        assert_eq!(of(b"SSH-2.0-OpenSSH_9.2\r\n"), Some(FirstWords::Other));
        assert_eq!(of(b"\x4a\0\0\0\x0a8.0.33"), Some(FirstWords::Other));
        assert_eq!(of(b"\x15\x03\x01\0\x02\x02\x46"), Some(FirstWords::Tls));
    }

    #[test]
    fn bytes_that_come_one_by_one_are_waited_for() {
        for start in ["", "H", "HTTP/", "HTTP/1.1 40", "\x15"] {
            assert_eq!(of(start.as_bytes()), None, "{start:?}");
        }
    }
}
