//! How cloudflared reacts to each fault of the quick tunnel service.

use crate::fixtures::{Cloudflared, Origin, is_registered};
use loopback_edge::faults::Api;
use loopback_edge::{Edge, EventKind, Fault, Options, Protocol, namespace};

/// Starts cloudflared with this fault, and waits until it exits.
async fn output_with(api: Api) -> (Edge, String) {
    let edge = Edge::start(Options::default()).await.unwrap();
    let origin = Origin::start().await;
    edge.fault(Fault::Api(api)).await.unwrap();
    let mut cloudflared = Cloudflared::start(&edge, &origin, Protocol::Http2);
    let status = cloudflared.exit().await;
    assert_eq!(status.code(), Some(1), "{}", cloudflared.output());
    (edge, cloudflared.output())
}

/// Asserts that the service got one request and responded with `status`, and that cloudflared's
/// output contains `said` and its last line starts with `last`, without a timestamp.
async fn assert_says(api: Api, status: Option<u16>, said: &str, last: &str) {
    let (edge, output) = output_with(api).await;
    assert!(output.contains(said), "{said:?} in\n{output}");
    let line = output.lines().last().unwrap();
    assert!(
        line.starts_with(last),
        "{last:?} begins the end of\n{output}"
    );

    let asked = edge.wait_for(|e| matches!(e, EventKind::ApiAsked { .. }));
    let EventKind::ApiAsked {
        status: answered,
        user_agent,
        hostname,
    } = asked.await.unwrap().kind
    else {
        unreachable!()
    };
    assert_eq!((answered, hostname), (status, None));
    assert!(user_agent.starts_with("cloudflared/"), "{user_agent}");
    assert_eq!(edge.stats().api_requests, 1);
}

#[test]
fn a_429_is_reported_with_its_error_code() {
    namespace::run(async {
        let said = "Error unmarshaling QuickTunnel response: error code: 1015";
        let last = "failed to unmarshal quick Tunnel: invalid character 'e'";
        assert_says(Api::RateLimited, Some(429), said, last).await;
    });
}

#[test]
fn a_429_is_reported_with_its_status() {
    namespace::run(async {
        let said = "status_code=\"429 Too Many Requests\"";
        let last = "failed to unmarshal quick Tunnel";
        assert_says(Api::RateLimited, Some(429), said, last).await;
    });
}

#[test]
fn a_500_with_json_fails_at_the_tunnel_id() {
    namespace::run(async {
        let last = "failed to parse quick Tunnel ID: invalid UUID length: 0";
        assert_says(
            Api::ErrorJson,
            Some(500),
            "Requesting new quick Tunnel",
            last,
        )
        .await;
    });
}

#[test]
fn a_500_with_html_is_reported_in_full() {
    namespace::run(async {
        let said = "Error unmarshaling QuickTunnel response: <!DOCTYPE html>";
        let last = "failed to unmarshal quick Tunnel: invalid character '<'";
        assert_says(Api::ErrorHtml, Some(500), said, last).await;
    });
}

#[test]
fn error_code_1101_is_reported() {
    namespace::run(async {
        let said = "Error unmarshaling QuickTunnel response: error code: 1101";
        let last = "failed to unmarshal quick Tunnel: invalid character 'e'";
        assert_says(Api::Error1101, Some(500), said, last).await;
    });
}

#[test]
fn cloudflared_times_out_without_a_response() {
    namespace::run(async {
        let last = "failed to request quick Tunnel: Post \"http://127.0.0.1:";
        assert_says(Api::Hang, None, "Requesting new quick Tunnel", last).await;
    });
}

#[test]
fn a_closed_service_refuses_the_connection() {
    namespace::run(async {
        let (edge, output) = output_with(Api::Refused).await;
        assert!(output.contains("connect: connection refused"), "{output}");
        assert_eq!(edge.stats().api_requests, 0);
    });
}

#[test]
fn a_recovered_service_creates_tunnels_again() {
    namespace::run(async {
        let (edge, _) = output_with(Api::Refused).await;
        edge.fault(Fault::Api(Api::Normal)).await.unwrap();
        let origin = Origin::start().await;
        let _cloudflared = Cloudflared::start(&edge, &origin, Protocol::Http2);
        edge.wait_for(is_registered).await.unwrap();
    });
}
