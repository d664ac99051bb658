//! Which proxy the environment names for a host: `https_proxy`, `http_proxy`, `all_proxy` and
//! `no_proxy`, in lower or upper case, as curl and Go read them.

use std::{env, net::IpAddr};

/// A proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// `http`, or a scheme that is not supported.
    pub scheme: String,
    pub host: String,
    pub port: u16,
    /// `user:password`, percent-encoded as in the variable.
    pub credentials: Option<String>,
}

/// The proxies that the environment names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    exceptions: Vec<String>,
}

impl Proxies {
    pub fn from_environment() -> Self {
        Self::from(|name| env::var(name).ok())
    }

    fn from(variable: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| {
            variable(name)
                .or_else(|| variable(&name.to_ascii_uppercase()))
                .filter(|value| !value.trim().is_empty())
        };
        let proxy = |name| {
            value(name)
                .or_else(|| value("all_proxy"))
                .and_then(|v| Proxy::parse(&v))
        };
        Self {
            http: proxy("http_proxy"),
            https: proxy("https_proxy"),
            exceptions: value("no_proxy")
                .unwrap_or_default()
                .split(',')
                .map(|one| one.trim().to_ascii_lowercase())
                .filter(|one| !one.is_empty())
                .collect(),
        }
    }

    /// The proxy to use for this host, if any. This computer is always reached directly.
    pub fn for_host(&self, host: &str, is_tls: bool) -> Option<&Proxy> {
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        let is_loopback = host == "localhost"
            || host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        if is_loopback || self.exceptions.iter().any(|one| excepts(one, &host)) {
            return None;
        }
        if is_tls {
            self.https.as_ref()
        } else {
            self.http.as_ref()
        }
    }
}

/// Whether an entry of `no_proxy` matches: `*`, or `example.org` and `.example.org`, which both
/// match subdomains too. Ports are ignored.
fn excepts(exception: &str, host: &str) -> bool {
    let name = match exception.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => exception,
    };
    let name = name.trim_start_matches("*.").trim_start_matches('.');
    name == "*"
        || host == name
        || host
            .strip_suffix(name)
            .is_some_and(|rest| rest.ends_with('.'))
}

impl Proxy {
    /// Parses `http://user:password@host:port/`, or just `host:port`.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let rest = rest.split('/').next()?;
        let (credentials, place) = match rest.rsplit_once('@') {
            Some((credentials, place)) => (Some(credentials.to_owned()), place),
            None => (None, rest),
        };
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && !port.contains(']') => {
                (host, port.parse().ok()?)
            }
            _ => (place, 80),
        };
        let host = host.trim_matches(['[', ']']);
        (!host.is_empty()).then(|| Self {
            scheme: scheme.to_ascii_lowercase(),
            host: host.to_owned(),
            port,
            credentials,
        })
    }

    /// The address without the credentials, for messages.
    pub fn place(&self) -> String {
        format!("{}://{}:{}", self.scheme, self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        Proxies::from(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn place(proxies: &Proxies, host: &str) -> Option<String> {
        proxies.for_host(host, true).map(Proxy::place)
    }

    #[test]
    fn the_proxy_for_tls_is_https_proxy_or_all_proxy() {
        let own = proxies(&[
            ("HTTPS_PROXY", "http://u:p@proxy.corp:3128/"),
            ("http_proxy", "other:1"),
        ]);
        assert_eq!(
            place(&own, "api.trycloudflare.com").unwrap(),
            "http://proxy.corp:3128"
        );
        let all = proxies(&[("all_proxy", "proxy.corp")]);
        assert_eq!(
            place(&all, "api.trycloudflare.com").unwrap(),
            "http://proxy.corp:80"
        );
        assert_eq!(place(&proxies(&[("https_proxy", " ")]), "a.b"), None);
    }

    #[test]
    fn credentials_are_never_shown() {
        let with = proxies(&[("https_proxy", "http://user:secret@proxy.corp:3128")]);
        let proxy = with.for_host("a.b", true).unwrap();
        assert_eq!(proxy.credentials.as_deref(), Some("user:secret"));
        assert!(!proxy.place().contains("secret"));
    }

    #[test]
    fn an_exception_is_for_a_name_and_everything_below_it() {
        let some = proxies(&[
            ("https_proxy", "p:1"),
            ("no_proxy", "corp, .example.org:443 ,10.0.0.1"),
        ]);
        for (host, is_excepted) in [
            ("corp", true),
            ("git.corp", true),
            ("notcorp", false),
            ("www.example.org", true),
            ("10.0.0.1", true),
            ("api.trycloudflare.com", false),
        ] {
            assert_eq!(place(&some, host).is_none(), is_excepted, "{host}");
        }
        assert_eq!(
            place(
                &proxies(&[("https_proxy", "p:1"), ("NO_PROXY", "*")]),
                "a.b"
            ),
            None
        );
    }

    #[test]
    fn this_computer_is_never_reached_through_a_proxy() {
        let all = proxies(&[("all_proxy", "p:1")]);
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            assert_eq!(place(&all, host), None, "{host}");
        }
    }
}
