//! Ports that are closed, silent or rejecting, and then open again.

use crate::fixtures::{BOTH, Cloudflared, NAME, Origin, is_registered, online, visitor};
use loopback_edge::faults::Port;
use loopback_edge::{Edge, EventKind, Fault, Options, Protocol, namespace};

/// Starts cloudflared with these ports and waits for `text` in its output. Then opens the ports and
/// waits until it has registered.
async fn says_and_recovers(protocol: Protocol, port: Port, text: &str) {
    let edge = Edge::start(Options::default()).await.unwrap();
    let origin = Origin::start().await;
    edge.fault(fault(protocol, port)).await.unwrap();
    let mut cloudflared = Cloudflared::start(&edge, &origin, protocol);
    cloudflared.line(text).await;
    let opened = |e: &loopback_edge::Event| matches!(e.kind, EventKind::LinkOpened { .. });
    assert!(!edge.events().iter().any(opened));

    edge.fault(fault(protocol, Port::Open)).await.unwrap();
    edge.wait_for(is_registered).await.unwrap();
    assert_eq!(visitor::get(&edge, NAME, "/hello").await.0, 200);
}

fn fault(protocol: Protocol, port: Port) -> Fault {
    match protocol {
        Protocol::Http2 => Fault::Tcp(port),
        Protocol::Quic => Fault::Udp(port),
    }
}

#[test]
fn a_closed_tcp_port_refuses() {
    namespace::run(async {
        says_and_recovers(Protocol::Http2, Port::Closed, "connection refused").await;
    });
}

#[test]
fn a_silent_tcp_port_times_out() {
    namespace::run(async {
        let text = "i/o timeout";
        says_and_recovers(Protocol::Http2, Port::BlackHole, text).await;
    });
}

#[test]
fn a_rejecting_tcp_port_ends_the_handshake() {
    namespace::run(async {
        let text = "remote error: tls: handshake failure";
        says_and_recovers(Protocol::Http2, Port::Rejected, text).await;
    });
}

#[test]
fn a_closed_udp_port_times_out() {
    namespace::run(async {
        let text = "timeout: no recent network activity";
        says_and_recovers(Protocol::Quic, Port::Closed, text).await;
    });
}

#[test]
fn a_silent_udp_port_times_out() {
    namespace::run(async {
        let text = "timeout: no recent network activity";
        says_and_recovers(Protocol::Quic, Port::BlackHole, text).await;
    });
}

#[test]
fn a_rejecting_udp_port_sends_alert_120() {
    namespace::run(async {
        let text = "CRYPTO_ERROR 0x178 (remote)";
        says_and_recovers(Protocol::Quic, Port::Rejected, text).await;
    });
}

#[test]
fn closing_udp_ends_a_quic_link() {
    namespace::run(async {
        for port in [Port::Closed, Port::BlackHole] {
            let (edge, _origin, mut cloudflared) = online(Protocol::Quic).await;
            edge.fault(Fault::Udp(port)).await.unwrap();
            cloudflared
                .line("timeout: no recent network activity")
                .await;
            edge.wait_for(|e| matches!(e, EventKind::ConnectionLost { .. }))
                .await
                .unwrap();
        }
    });
}

#[test]
fn a_fault_of_one_protocol_does_not_affect_the_other() {
    namespace::run(async {
        for protocol in BOTH {
            let edge = Edge::start(Options::default()).await.unwrap();
            let origin = Origin::start().await;
            let other = match protocol {
                Protocol::Http2 => Fault::Udp(Port::Closed),
                Protocol::Quic => Fault::Tcp(Port::Closed),
            };
            edge.fault(other).await.unwrap();
            let _cloudflared = Cloudflared::start(&edge, &origin, protocol);
            edge.wait_for(is_registered).await.unwrap();
        }
    });
}

#[test]
fn a_closed_tcp_port_keeps_existing_links() {
    namespace::run(async {
        let (edge, _origin, _cloudflared) = online(Protocol::Http2).await;
        edge.fault(Fault::Tcp(Port::Closed)).await.unwrap();
        assert_eq!(visitor::get(&edge, NAME, "/hello").await.0, 200);
    });
}
