//! Registrations that are refused, delayed or never answered.

use crate::fixtures::{BOTH, Cloudflared, NAME, Origin, is_registered, visitor};
use loopback_edge::faults::Registration;
use loopback_edge::{Edge, EventKind, Fault, Options, Protocol, namespace};

async fn start(registration: Registration, protocol: Protocol) -> (Edge, Origin, Cloudflared) {
    let edge = Edge::start(Options::default()).await.unwrap();
    let origin = Origin::start().await;
    let fault = Fault::Registration(registration);
    edge.fault(fault).await.unwrap();
    let cloudflared = Cloudflared::start(&edge, &origin, protocol);
    (edge, origin, cloudflared)
}

fn is_attempt(event: &EventKind) -> bool {
    matches!(event, EventKind::RegistrationAttempt { .. })
}

fn is_refusal(event: &EventKind) -> bool {
    matches!(event, EventKind::RegistrationRefused { .. })
}

#[test]
fn two_refusals_and_then_it_registers() {
    namespace::run(async {
        for protocol in BOTH {
            let (edge, _origin, _cloudflared) = start(Registration::RefuseTimes(2), protocol).await;
            edge.wait_for(is_registered).await.unwrap();
            let refusals = edge.events().into_iter().filter(|e| is_refusal(&e.kind));
            assert_eq!(refusals.count(), 2, "{protocol:?}");
            assert_eq!(visitor::get(&edge, NAME, "/hello").await.0, 200);
        }
    });
}

#[test]
fn a_refusal_over_http2_is_reported_with_its_cause() {
    namespace::run(async {
        let (_edge, _origin, mut cloudflared) = start(Registration::Refuse, Protocol::Http2).await;
        cloudflared
            .line(
                "Register tunnel error from server side \
                 error=\"Unauthorized: Record for tunnel not found\"",
            )
            .await;
    });
}

#[test]
fn cloudflared_retries_for_as_long_as_it_is_refused() {
    namespace::run(async {
        for protocol in BOTH {
            let (edge, _origin, _cloudflared) = start(Registration::Refuse, protocol).await;
            let mut events = edge.follow();
            for _ in 0..4 {
                events.wait_for(is_refusal).await.unwrap();
            }
            assert_eq!(visitor::get(&edge, NAME, "/hello").await.0, 530);
        }
    });
}

#[test]
fn an_unanswered_registration_times_out_and_is_retried() {
    namespace::run(async {
        let (edge, _origin, _cloudflared) = start(Registration::Hang, Protocol::Quic).await;
        let mut events = edge.follow();
        events.wait_for(is_attempt).await.unwrap();
        let fault = Fault::Registration(Registration::Accept);
        edge.fault(fault).await.unwrap();
        events.wait_for(is_attempt).await.unwrap();
        events.wait_for(is_registered).await.unwrap();
    });
}

#[test]
fn a_delayed_registration_arrives_later() {
    namespace::run(async {
        for protocol in BOTH {
            let (edge, _origin, _cloudflared) = start(Registration::DelayMs(1500), protocol).await;
            let attempt = edge.wait_for(is_attempt).await.unwrap();
            let registered = edge.wait_for(is_registered).await.unwrap();
            assert!(registered.at_ms >= attempt.at_ms + 1500, "{protocol:?}");
        }
    });
}

#[test]
fn credentials_of_another_edge_are_refused() {
    namespace::run(async {
        let elsewhere = Edge::start(Options::default()).await.unwrap();
        let edge = Edge::start(Options::default()).await.unwrap();
        let origin = Origin::start().await;
        let service = elsewhere.api_url();
        let _cloudflared = Cloudflared::start_at(&service, &edge, &origin, Protocol::Http2);
        let refused = edge.wait_for(is_refusal).await.unwrap();
        let EventKind::RegistrationRefused {
            hostname, cause, ..
        } = refused.kind
        else {
            unreachable!()
        };
        assert_eq!(hostname, None);
        assert_eq!(cause, "Unauthorized: Tunnel not found");
    });
}
