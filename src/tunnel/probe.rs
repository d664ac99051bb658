//! Finds out whether a link works without looking up its name: a resolver that is asked too early
//! remembers for minutes that the name does not exist.
//!
//! The edge has the same addresses for every name. So the request goes to the address of a known
//! name, with the share's name in TLS and in the Host header.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, Uri, header};
use tokio::time::{Instant, sleep, timeout};

use crate::http::{self, Client, HttpError};

/// A link is announced no later than this after its registration.
const ROUTE_LIMIT: Duration = Duration::from_secs(8);
/// The pause between two attempts to find out whether the edge routes the name.
const ROUTE_PAUSE: Duration = Duration::from_millis(400);
/// A link that takes longer to answer does not work.
const WORKS_LIMIT: Duration = Duration::from_secs(10);
/// cloudflared's own endpoints answer at once or not at all.
const METRICS_LIMIT: Duration = Duration::from_secs(3);
/// The longest page of metrics that is read, in bytes.
const METRICS_MAX: usize = 1024 * 1024;

/// Requests links through one known address of the edge.
#[derive(Debug, Clone)]
pub struct Probe {
    client: Client,
    entry: Uri,
}

impl Probe {
    /// `known` is the URL of a name that has existed for long: the service's, or a named tunnel's.
    /// `None` if it has no TLS, because then it is not an address of the edge.
    pub fn through(client: Client, known: &str) -> Option<Self> {
        let entry: Uri = known.parse().ok()?;
        (entry.scheme_str() == Some("https")).then_some(Self { client, entry })
    }

    /// Whether the edge routes the name of `link`. Asks until it does, for up to 8 s.
    pub async fn is_routed(&self, link: &str) -> bool {
        let until = Instant::now() + ROUTE_LIMIT;
        while Instant::now() < until {
            let left = until.saturating_duration_since(Instant::now());
            match timeout(left, self.ask(link)).await {
                Ok(Ok(true)) => return true,
                Ok(Ok(false)) => tracing::debug!("the link is not routed yet"),
                Ok(Err(error)) => tracing::debug!(%error, "the link is not routed yet"),
                Err(_) => return false,
            }
            sleep(ROUTE_PAUSE).await;
        }
        false
    }

    /// Whether the link works right now.
    pub async fn works(&self, link: &str) -> bool {
        let works = matches!(timeout(WORKS_LIMIT, self.ask(link)).await, Ok(Ok(true)));
        tracing::info!(works, "probed the link");
        works
    }

    /// Sends a small request. True if its answer came through the tunnel.
    async fn ask(&self, link: &str) -> Result<bool, HttpError> {
        let mut request = Request::new(Full::<Bytes>::default());
        *request.method_mut() = Method::HEAD;
        *request.uri_mut() = link
            .parse()
            .map_err(|_| HttpError::Address(link.to_owned()))?;
        let agent = concat!(
            "spot-serve/",
            env!("CARGO_PKG_VERSION"),
            " (checks its own link)"
        );
        let agent = header::HeaderValue::from_static(agent);
        request.headers_mut().insert(header::USER_AGENT, agent);
        let answer = self.client.send_through(&self.entry, request).await?;
        // Cloudflare answers with these if it can't reach us; 530 is a tunnel without connections.
        Ok(!(520..=530).contains(&answer.status().as_u16()))
    }
}

/// A cloudflared's metrics server.
#[derive(Debug, Clone)]
pub struct Metrics {
    client: Client,
    address: SocketAddr,
}

impl Metrics {
    pub fn at(client: Client, address: SocketAddr) -> Self {
        Self { client, address }
    }

    /// Whether both are the same server.
    pub fn is_same(&self, other: &Self) -> bool {
        self.address == other.address
    }

    /// Whether it has a registered connection. A cloudflared that does not answer has none.
    pub async fn is_ready(&self) -> bool {
        let asked = timeout(METRICS_LIMIT, self.get("/ready")).await;
        matches!(asked, Ok(Ok(answer)) if answer.status().is_success())
    }

    /// How many requests have come through it and were answered since it started. Those that hang
    /// don't show that the link works.
    pub async fn visits(&self) -> Option<u64> {
        visits(&self.page().await?)
    }

    /// How many requests it is passing on.
    pub async fn requests_under_way(&self) -> Option<u64> {
        requests_under_way(&self.page().await?)
    }

    async fn page(&self) -> Option<String> {
        let read = timeout(METRICS_LIMIT, async {
            let answer = self.get("/metrics").await.ok()?;
            http::body(answer, METRICS_MAX).await.ok()
        });
        String::from_utf8(read.await.ok().flatten()?.into()).ok()
    }

    async fn get(&self, path: &str) -> Result<hyper::Response<hyper::body::Incoming>, HttpError> {
        let mut request = Request::new(Full::<Bytes>::default());
        let uri = format!("http://{}{path}", self.address);
        *request.uri_mut() = uri.parse().map_err(|_| HttpError::Address(uri))?;
        self.client.send(request).await
    }
}

fn visits(page: &str) -> Option<u64> {
    // Another page, such as that of an error, has no counts at all.
    page.lines()
        .find(|line| line.starts_with("cloudflared_tunnel_total_requests "))?;
    // One count for each status, which is missing until there is such an answer.
    let answered = page
        .lines()
        .filter(|line| line.starts_with("cloudflared_tunnel_response_by_code{"));
    Some(answered.filter_map(count).sum())
}

fn requests_under_way(page: &str) -> Option<u64> {
    let mut lines = page.lines();
    count(
        lines
            .find(|line| line.starts_with("cloudflared_tunnel_concurrent_requests_per_tunnel "))?,
    )
}

/// The count at the end of a line.
fn count(line: &str) -> Option<u64> {
    // Prometheus writes large counts as 1e+06.
    let count = line.rsplit(' ').next()?.parse::<f64>().ok()?;
    Some(count as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answered_visits_are_read_from_the_metrics() {
        let total = "# TYPE cloudflared_tunnel_total_requests counter\ncloudflared_tunnel_total_requests 1.5e+06\n";
        let answered = "# TYPE cloudflared_tunnel_response_by_code counter\n\
            cloudflared_tunnel_response_by_code{status_code=\"200\"} 1.2e+06\n\
            cloudflared_tunnel_response_by_code{status_code=\"404\"} 3\n";
        assert_eq!(visits(&format!("{answered}{total}")), Some(1_200_003));
        assert_eq!(visits(total), Some(0));
        assert_eq!(visits("cloudflared_tunnel_total_requests_other 1\n"), None);
    }

    #[test]
    fn requests_under_way_are_read_from_the_metrics() {
        let page = "# TYPE cloudflared_tunnel_concurrent_requests_per_tunnel gauge\n\
            cloudflared_tunnel_concurrent_requests_per_tunnel 3\n";
        assert_eq!(requests_under_way(page), Some(3));
        assert_eq!(
            requests_under_way("cloudflared_tunnel_total_requests 3\n"),
            None
        );
    }

    #[test]
    fn only_a_service_with_tls_leads_to_the_edge() {
        let client = Client::default();
        assert!(Probe::through(client.clone(), "https://api.trycloudflare.com").is_some());
        assert!(Probe::through(client, "http://127.0.0.1:1").is_none());
    }
}
