//! A quick tunnel: a public name, and the secret that is needed to serve it.

use std::fmt;

use bytes::Bytes;
use serde::Deserialize;

/// The service's answer, unchanged, because every cloudflared of the share gets it. It holds the
/// tunnel's secret: whoever has that can serve the name.
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
    /// Reads an answer of the service at the host `service`; `None` if it has no tunnel in the
    /// service's own domain.
    pub fn granted(answer: Bytes, service: &str) -> Option<Self> {
        Self::parse(answer).filter(|tunnel| is_given_out_by(&tunnel.hostname, service))
    }

    /// Reads an answer that was accepted before; `None` if it has no tunnel.
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

    /// The service's answer.
    pub fn answer(&self) -> Bytes {
        self.answer.clone()
    }
}

impl fmt::Debug for QuickTunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuickTunnel").finish_non_exhaustive()
    }
}

/// `api.trycloudflare.com` hands out names below `trycloudflare.com`, except its own. A link to any
/// other name would lead to someone else. A service without a domain, such as one on this
/// computer, may hand out any name.
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

/// Whether the name can be used in a link unchanged.
fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // A name that ends with a number is an address.
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
    fn an_answer_with_a_tunnel_is_kept_unchanged() {
        let tunnel = QuickTunnel::parse(Bytes::from_static(GOOD.as_bytes())).unwrap();
        assert_eq!(tunnel.link(), "https://quiet-river.trycloudflare.com");
        assert_eq!(tunnel.answer(), GOOD);
    }

    #[test]
    fn the_service_hands_out_names_of_its_own_domain_only() {
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
    fn neither_secret_nor_name_is_in_the_debug_output() {
        let tunnel = QuickTunnel::parse(Bytes::from_static(GOOD.as_bytes())).unwrap();
        let shown = format!("{tunnel:?}");
        assert!(
            !shown.contains("c2VjcmV0") && !shown.contains("quiet"),
            "{shown}"
        );
    }

    #[test]
    fn an_answer_without_a_tunnel_is_refused() {
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
