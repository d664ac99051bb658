//! What the service gave out: a public name, and what it takes to serve it.

use std::fmt;

use bytes::Bytes;
use serde::Deserialize;

/// The service's answer, kept word for word, since cloudflared is given it again. It holds the
/// tunnel's secret: whoever has it can serve the name.
#[derive(Clone, PartialEq, Eq)]
pub struct QuickTunnel {
    hostname: String,
    answer: Bytes,
}

#[derive(Deserialize)]
struct ApiResponse {
    success: bool,
    result: Option<GrantedTunnel>,
}

#[derive(Deserialize)]
struct GrantedTunnel {
    id: String,
    hostname: String,
    secret: String,
}

impl QuickTunnel {
    /// Reads an answer of the service at the host `service`; `None` when it grants no tunnel of
    /// its own domain.
    pub fn granted(answer: Bytes, service: &str) -> Option<Self> {
        Self::parse(answer).filter(|tunnel| is_given_out_by(&tunnel.hostname, service))
    }

    /// Reads an answer that was taken before; `None` when it is none.
    pub fn parse(answer: Bytes) -> Option<Self> {
        let read: ApiResponse = serde_json::from_slice(&answer).ok()?;
        let granted = read.result.filter(|_| read.success)?;
        let is_whole =
            is_host_name(&granted.hostname) && granted.id.len() == 36 && !granted.secret.is_empty();
        is_whole.then(|| Self {
            hostname: granted.hostname.to_ascii_lowercase(),
            answer,
        })
    }

    /// `https://quiet-river-lake-sand.trycloudflare.com`
    pub fn link(&self) -> String {
        format!("https://{}", self.hostname)
    }

    pub fn answer(&self) -> Bytes {
        self.answer.clone()
    }
}

impl fmt::Debug for QuickTunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuickTunnel")
            .field("hostname", &self.hostname)
            .finish_non_exhaustive()
    }
}

/// `api.trycloudflare.com` gives out names below `trycloudflare.com`, and not its own: a link to
/// anything else would be one to somebody else. A service that has no domain, such as one on
/// this computer, may give out any name.
fn is_given_out_by(name: &str, service: &str) -> bool {
    let service = service.to_ascii_lowercase();
    let is_address = service.starts_with('[') || service.parse::<std::net::IpAddr>().is_ok();
    match service.split_once('.') {
        Some((_, domain)) if !is_address => {
            let below = name.strip_suffix(domain).and_then(|n| n.strip_suffix('.'));
            name != service && below.is_some_and(|label| !label.is_empty())
        }
        _ => true,
    }
}

/// Only what can stand in a link as it is.
fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // Digits alone at the end make an address.
    let is_address = |name: &str| {
        let last = name.rsplit('.').next().unwrap_or_default();
        last.bytes().all(|byte| byte.is_ascii_digit())
    };
    name.len() <= 253 && name.contains('.') && name.split('.').all(is_label) && !is_address(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"success":true,"result":{"id":"0a1b2c3d-0000-4000-8000-000000000000","name":"","hostname":"Quiet-River.trycloudflare.com","account_tag":"x","secret":"c2VjcmV0"},"errors":[]}"#;

    #[test]
    fn a_grant_has_a_name_and_is_kept_word_for_word() {
        let tunnel = QuickTunnel::parse(Bytes::from_static(GOOD.as_bytes())).unwrap();
        assert_eq!(tunnel.link(), "https://quiet-river.trycloudflare.com");
        assert_eq!(tunnel.answer(), GOOD);
    }

    #[test]
    fn the_service_gives_out_names_of_its_own_domain_alone() {
        let granted = |name: &str, service: &str| {
            let answer = GOOD.replace("Quiet-River.trycloudflare.com", name);
            QuickTunnel::granted(Bytes::from(answer), service).is_some()
        };
        const SERVICE: &str = "api.trycloudflare.com";
        assert!(granted("quiet-river.trycloudflare.com", SERVICE));
        for name in [
            "api.trycloudflare.com",
            "trycloudflare.com",
            ".trycloudflare.com",
            "eviltrycloudflare.com",
            "a.trycloudflare.com.evil",
            "evil.example",
            "https://evil.example",
            "evil.example/a.trycloudflare.com",
            "user@a.trycloudflare.com",
            "a.trycloudflare.com:8080",
            "a b.trycloudflare.com",
            "а.trycloudflare.com",
            "127.0.0.1",
        ] {
            assert!(!granted(name, SERVICE), "{name}");
        }
        assert!(granted("a.trycloudflare.com", "127.0.0.1"));
        assert!(granted("a.trycloudflare.com", "[::1]"));
        assert!(granted("a.trycloudflare.com", "localhost"));
        assert!(!granted("127.0.0.1", "127.0.0.1"));
    }

    #[test]
    fn the_secret_is_not_shown() {
        let tunnel = QuickTunnel::parse(Bytes::from_static(GOOD.as_bytes())).unwrap();
        assert!(!format!("{tunnel:?}").contains("c2VjcmV0"));
    }

    #[test]
    fn what_grants_nothing_is_no_ticket() {
        for answer in [
            "error code: 1101",
            r#"{"success":false,"result":null,"errors":[{"code":1000,"message":"x"}]}"#,
            &GOOD.replace("true", "false"),
            &GOOD.replace("Quiet-River.", "evil.com/?"),
            &GOOD.replace("0a1b2c3d-", ""),
        ] {
            assert_eq!(
                QuickTunnel::parse(Bytes::from(answer.to_owned())),
                None,
                "{answer}"
            );
        }
    }
}
