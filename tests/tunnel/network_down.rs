//! The network interface really goes down and comes up again: packets are lost, routes are removed,
//! and nobody is notified. The edge and the service are behind that interface.

use std::{
    net::{IpAddr, SocketAddr},
    process::Command,
    time::{Duration, Instant},
};

use loopback_edge::{Edge, Options, namespace};
use rustix::thread::{UnshareFlags, unshare_unsafe};
use spot_serve::config;

use crate::rig::{Rig, until_cloudflareds, within};

/// The edge's end of the cable, and ours.
const EDGE: &str = "10.77.0.1";
const OURS: &str = "10.77.0.2";

fn run(command: &str) {
    let mut words = command.split(' ');
    let done = Command::new(words.next().unwrap()).args(words).status();
    assert!(done.unwrap().success(), "{command}");
}

/// An edge at the far end of a cable. This thread and everything it starts are at the near end, in
/// their own network namespace, because a computer can talk to itself even if a link is down.
async fn edge_beyond_a_cable() -> Edge {
    let dir = tempfile::tempdir().unwrap();
    // A name server that doesn't respond is tested elsewhere.
    let nobody = dir.path().join("resolv.conf");
    std::fs::write(&nobody, "nameserver 127.0.0.1\n").unwrap();
    run(&format!(
        "mount --bind {} /etc/resolv.conf",
        nobody.display()
    ));

    run("ip link add uplink type veth peer name far");
    run(&format!("ip addr add {EDGE}/24 dev far"));
    run("ip link set far up");
    let edge: IpAddr = EDGE.parse().unwrap();
    let options = Options {
        api: SocketAddr::new(edge, 0),
        edge,
        public: SocketAddr::new(edge, 0),
        ..Options::default()
    };
    let edge = Edge::start(options).await.unwrap();

    // SAFETY: nothing in the process depends on this thread being in the same namespace as the
    // others.
    unsafe { unshare_unsafe(UnshareFlags::NEWNET) }.unwrap();
    let here = std::fs::read_link("/proc/thread-self").unwrap();
    let before = std::process::id();
    run(&format!(
        "nsenter --target {before} --net ip link set uplink netns /proc/{}/ns/net",
        here.display()
    ));
    run("ip link set lo up");
    run(&format!("ip addr add {OURS}/24 dev uplink"));
    set_up();
    edge
}

/// Like a network manager: the system removes the route when the link goes down.
fn set_up() {
    run("ip link set uplink up");
    run(&format!("ip route add default via {EDGE}"));
}

fn set_down() {
    run("ip link set uplink down");
}

#[test]
fn quic_is_served_again_after_the_link_was_down() {
    namespace::run(async { down_and_up(config::Protocol::Quic).await });
}

#[test]
fn http2_is_served_again_after_the_link_was_down() {
    namespace::run(async { down_and_up(config::Protocol::Http2).await });
}

async fn down_and_up(protocol: config::Protocol) {
    let edge = edge_beyond_a_cable().await;
    let mut rig = Rig::start_at(edge, |settings| settings.protocol = protocol).await;
    let (_, link) = rig.online().await;
    rig.served(&link).await;

    // Until the loss is noticed, and longer than any cloudflared takes to notice.
    for longer in [Duration::ZERO, Duration::from_secs(20)] {
        let down = Instant::now();
        set_down();
        let at = rig.reconnecting().await;
        within(Duration::from_secs(2), down, at, "Reconnecting is shown");
        let visit = rig.visit(&link).await;
        assert!(
            visit.as_ref().is_none_or(|(status, _)| *status != 200),
            "the link is really cut: {visit:?}"
        );
        tokio::time::sleep_until((down + longer).into()).await;
        let up = Instant::now();
        set_up();
        let served = rig.served(&link).await;
        within(Duration::from_secs(10), up, served, "served again");
        let (_, again) = rig.online().await;
        assert_eq!(again, link);
        until_cloudflareds(1).await;
    }
    assert_eq!(rig.api_requests(), 1);
    rig.stop().await;
}
