//! A link comes up where QUIC is blocked, and slow or silent edges are reported in words.

use std::time::{Duration, Instant};

use loopback_edge::{
    Fault, Protocol,
    faults::{Port, Registration, Which},
    namespace,
};
use spot_serve::app::TunnelReport;

use crate::rig::{Rig, until_cloudflareds, within};

#[test]
fn udp_that_is_closed_costs_at_most_five_seconds() {
    namespace::run(async { blocked(Port::Closed).await });
}

#[test]
fn udp_that_is_swallowed_costs_at_most_five_seconds() {
    namespace::run(async { blocked(Port::BlackHole).await });
}

#[test]
fn quic_that_is_rejected_in_the_handshake_costs_at_most_five_seconds() {
    namespace::run(async { blocked(Port::Rejected).await });
}

async fn blocked(udp: Port) {
    let mut rig = Rig::start(&[Fault::Udp(udp)]).await;
    let (at, link) = rig.online().await;
    within(
        Duration::from_secs(5),
        rig.started,
        at,
        "online without QUIC",
    );
    rig.served(&link).await;
    assert_eq!(
        (
            rig.registered(Protocol::Quic),
            rig.registered(Protocol::Http2)
        ),
        (0, 1)
    );
    assert_eq!(rig.api_requests(), 1);
    let words = "also trying HTTP/2…";
    assert!(
        rig.seen.contains(&TunnelReport::Connecting(words.into())),
        "{:?}",
        rig.seen
    );
    until_cloudflareds(1).await;
    rig.stop().await;

    // The transport that got through is tried first from now on.
    rig.start_again();
    let before = rig.seen.len();
    rig.online().await;
    assert!(!rig.seen[before..].contains(&TunnelReport::Connecting(words.into())));
    rig.stop().await;
}

#[test]
fn a_network_that_is_gone_for_a_minute_brings_the_same_link_back() {
    namespace::run(async {
        let mut rig = Rig::start(&[]).await;
        let (_, link) = rig.online().await;
        rig.fault(Fault::Tcp(Port::Closed)).await;
        rig.fault(Fault::Udp(Port::Closed)).await;
        rig.fault(Fault::Cut(Which::All)).await;
        let begin = rig.reconnecting().await;
        let (at, _) = rig
            .report(|r| matches!(r, TunnelReport::StillReconnecting(_)))
            .await;
        within(Duration::from_secs(30), begin, at, "told of a long loss");
        tokio::time::sleep_until((begin + Duration::from_secs(60)).into()).await;
        rig.fault(Fault::Tcp(Port::Open)).await;
        rig.fault(Fault::Udp(Port::Open)).await;
        let back = Instant::now();
        let (_, again) = rig.online().await;
        assert_eq!(again, link);
        within(
            Duration::from_secs(10),
            back,
            rig.served(&link).await,
            "served after the network came back",
        );
        assert_eq!(rig.api_requests(), 1);
        until_cloudflareds(1).await;
        rig.stop().await;
    });
}

#[test]
fn a_registration_that_is_refused_is_reported_within_30_s_and_tried_again() {
    namespace::run(async {
        let mut rig = Rig::start(&[Fault::Registration(Registration::Refuse)]).await;
        let (at, problem) = rig.down().await;
        within(
            Duration::from_secs(30),
            rig.started,
            at,
            "told of the refusal",
        );
        assert!(
            problem.short.starts_with("Cloudflare rejected"),
            "{problem:?}"
        );
        rig.fault(Fault::Registration(Registration::Accept)).await;
        rig.tunnel.as_ref().unwrap().retry_now();
        let (_, link) = rig.online().await;
        rig.served(&link).await;
        assert!(rig.api_requests() <= 3, "{} requests", rig.api_requests());
        rig.stop().await;
    });
}

#[test]
fn a_registration_that_hangs_is_reported_within_30_s_and_tried_again() {
    namespace::run(async {
        let mut rig = Rig::start(&[Fault::Registration(Registration::Hang)]).await;
        let (at, _) = rig.down().await;
        within(
            Duration::from_secs(30),
            rig.started,
            at,
            "told of the silence",
        );
        rig.fault(Fault::Registration(Registration::Accept)).await;
        let (_, link) = rig.online().await;
        rig.served(&link).await;
        assert_eq!(rig.api_requests(), 1);
        rig.stop().await;
    });
}

#[test]
fn one_refusal_right_after_creation_costs_no_name() {
    namespace::run(async {
        let mut rig = Rig::start(&[Fault::Registration(Registration::RefuseTimes(1))]).await;
        let (_, link) = rig.online().await;
        rig.served(&link).await;
        assert_eq!(rig.api_requests(), 1);
        rig.stop().await;
    });
}
